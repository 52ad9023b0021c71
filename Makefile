.PHONY: test torture torture-rules build demo run-demo bench-page bench-fanout bench-expand bench-post eval-plain fmt lint clean

# What the benchmarks do: make bench-page ROUNDS=1 SECONDS=2 PATHS=/,/api/v2/summary.json
# or make bench-fanout N=100000 RTT=5ms or make bench-post SUBSCRIBERS=20000
# or make torture ROUNDS=100
ROUNDS ?= 3
SECONDS ?= 4
PATHS ?= /
N ?= 20000
SUBSCRIBERS ?= 1000000
POSTS ?= 120
RTT ?= 0s
READS ?= 0
CHECKS ?= 100000
SEED ?= 0

test: ## all checks and tests, with what they need installed first
	@scripts/setup.sh
	@scripts/test.sh

torture: ## servers killed, frozen and starved while they tell 2,000 people; ROUNDS=100 SEED=N to do one again
	@go test ./e2e/torture -count=1 -timeout=6h -v -args -long -rounds=$(ROUNDS) -seed=$(SEED) -outage=30s

torture-rules: ## 100,000 made-up lives of a company, each held against the routing rules
	@go test ./stakeholders -run TestEveryLifeKeepsTheRules -count=1 -timeout=30m -v -args -rapid.checks=$(CHECKS) -rapid.nofailfile

build: ## one static binary
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o bin/allclear ./cmd/allclear

demo run-demo: build ## a sample page with nothing to set up
	bin/allclear demo

bench-page: ## the public page beside nginx
	@scripts/bench-page.sh -rounds $(ROUNDS) -seconds $(SECONDS) -paths $(PATHS)

bench-fanout: ## telling N subscribers beside smtp-source
	@scripts/bench-fanout.sh -rounds $(ROUNDS) -n $(N) -rtt $(RTT) -reads $(READS)

bench-post: ## the time of a POST with a large register and many subscribers
	@scripts/bench-post.sh -n $(SUBSCRIBERS) -posts $(POSTS)

eval-plain: ## what the plain-language check finds in its labelled texts; SHOW=1 shows what it misses, CORPUS=folder counts further ones
	@go test ./plainlanguage -run '$(if $(CORPUS),TestOwnCorpus,TestJudgement|TestLeaksOfTheCorpus|TestLanguages)' -count=1 -v -args -eval $(if $(SHOW),-show) $(if $(CORPUS),-corpus $(CORPUS))

bench-expand: ## writing the audience of a notice: N subscribers in 20 classes
	@ALLCLEAR_BENCH_EXPAND=$(N) go test ./store -run TestExpandRate -v -count=1 -timeout 30m

fmt:
	gofmt -w .

lint:
	@scripts/lint.sh

clean:
	rm -rf bin
	go clean -testcache
