.PHONY: test build demo run-demo fmt lint clean

test: ## all checks and tests, with what they need installed first
	@scripts/setup.sh
	@scripts/test.sh

build: ## one static binary
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o bin/allclear ./cmd/allclear

demo run-demo: build ## a sample page with nothing to set up
	bin/allclear demo

fmt:
	gofmt -w .

lint:
	@scripts/lint.sh

clean:
	rm -rf bin
	go clean -testcache
