# Everything a newcomer needs: `make demo` shows the idea on real software, `make test` proves it.
.DEFAULT_GOAL := help
SHELL := /bin/bash
CONFIG ?= Release
OOPS := artifacts/bin/oops
export DOTNET_NOLOGO := 1
export DOTNET_CLI_TELEMETRY_OPTOUT := 1

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 18

setup:  ## installs the missing Debian packages and restores (asks for root only to install)
	@tests/setup.sh

build: setup  ## builds artifacts/bin/oops
	@dotnet build src/Oops -c $(CONFIG) -o artifacts/bin -v q -nologo

publish: setup  ## builds artifacts/publish/oops: self-contained, trimmed, ReadyToRun, one file
	@dotnet publish src/Oops -c Release -r linux-x64 --self-contained -p:PublishSingleFile=true -p:PublishTrimmed=true -p:PublishReadyToRun=true \
		-p:InvariantGlobalization=true -p:DebuggerSupport=false -o artifacts/publish -v q -nologo

demo: build  ## the whole idea on real software: about 41 s, after a first build of a minute or two
	@dotnet build tests/Oops.Lab -c $(CONFIG) -v q -nologo
	@tests/demo.sh

lab: build  ## a shell in namespaces like the demo's, where nothing runs yet: it says what there is, and what to try with the oops that was built
	@tests/lab.sh tests/lab-shell.sh

test: setup  ## formatting, build with warnings as errors, unit, scenario, shape and lab tests: some 23 minutes on two cores
	@tests/run.sh

test-long: setup  ## the same with ten million fuzzed packets per codec, a million random schedules, and pauses at full length
	@OOPS_LONG=1 OOPS_FUZZ_N=10000000 tests/run.sh

bench: bench-machine bench-simulate bench-notify bench-dnstap bench-listener bench-reports bench-latency bench-idle bench-hung bench-zones bench-transfer bench-verify bench-sync bench-routers  ## all benches, one JSON line per figure

bench-%: build publish  ## one bench: latency, idle, hung, notify, dnstap, listener, reports, machine, simulate, zones, transfer, verify, sync, routers
	@dotnet build bench/Oops.Bench -c Release -v q -nologo
	@bench/run.sh $*

matrix: build publish  ## provokes each condition at each server, five times each: docs/reference/matrix.md. Goes on where it ended; ONLY=crashed (anew; the words are in the page), SERVERS="knot nsd", ANEW=1, JOBS=4
	@dotnet build bench/Oops.Bench -c Release -v q -nologo
	@bench/matrix.sh

fmt:  ## formats the code
	@dotnet format whitespace oops.slnx --no-restore

docs: build  ## regenerates docs/reference and the tables of options in the adapters' pages
	@tests/docs.sh

clean:  ## removes what was built
	@rm -rf artifacts src/*/bin src/*/obj tests/*/bin tests/*/obj bench/*/bin bench/*/obj

.PHONY: help setup build publish demo lab test test-long bench matrix fmt docs clean
