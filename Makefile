# Every target does all of its own set-up. Needed beforehand: Go, Node with npm, make.

export CGO_ENABLED := 0
version := $(shell git describe --tags --always --dirty 2>/dev/null || echo unversioned)
charts  := dashboard/assets/vendor/echarts.min.js
demo    := .cache/demo

.PHONY: help run test look build bench soak engine bin/nianbao

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' Makefile | expand -t 14

run: build ## load ./samples and a made-up district into ./nianbao-data, then serve the pages
	bin/nianbao demo --out $(demo)
	bin/nianbao register import $(demo)/register.csv >/dev/null
	bin/nianbao ingest samples $(demo) || [ $$? -eq 3 ] # 3: some files rejected, the rest is loaded
	bin/nianbao serve

test: engine $(charts) ## check formatting, vet, and run all tests; NIANBAO_CORPUS=DIR adds the real reports
	@scripts/install-browser
	@scripts/install-tesseract
	@unformatted=$$(gofmt -l .) && [ -z "$$unformatted" ] || { echo "gofmt -w these files:" $$unformatted; exit 1; }
	go vet ./...
	go test -timeout 40m ./...

build: engine bin/nianbao ## build bin/nianbao, with everything it needs at run time in place

look: engine $(charts) .cache/axe.min.js ## open every page in a browser in every size, theme and language; pictures go to ./artefacts
	@scripts/install-browser
	NIANBAO_LOOK=all go test ./dashboard/page -run 'TestLook|TestBrowser' -count=1 -timeout 40m -v

soak: build ## watch a wall display in Chromium for simulated days, while servers are killed (about half an hour)
	@scripts/install-browser
	go test ./cmd/nianbao -run TestWallForWeeks -soak -v -timeout 3h

bench: build ## measure reading, loading and answering
	go run ./internal/bench

engine: # the embedded ClickHouse, in the user's cache folder
	@scripts/install-engine

bin/nianbao: $(charts) # phony: go build knows best what changed
	go build -trimpath -buildvcs=false -ldflags '-X main.version=$(version)' -o $@ ./cmd/nianbao

$(charts): package-lock.json scripts/install-charts
	@scripts/install-charts

.cache/axe.min.js: package-lock.json scripts/install-axe
	@scripts/install-axe
