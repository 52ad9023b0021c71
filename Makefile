.PHONY: test build demo run-demo bench-page fmt lint clean

# How long the benchmarks take: make bench-page ROUNDS=1 SECONDS=2
ROUNDS ?= 3
SECONDS ?= 4

test: ## all checks and tests, with what they need installed first
	@scripts/setup.sh
	@scripts/test.sh

build: ## one static binary
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o bin/allclear ./cmd/allclear

demo run-demo: build ## a sample page with nothing to set up
	bin/allclear demo

bench-page: ## the public page beside nginx
	@scripts/bench-page.sh -rounds $(ROUNDS) -seconds $(SECONDS)

fmt:
	gofmt -w .

lint:
	@scripts/lint.sh

clean:
	rm -rf bin
	go clean -testcache
