#!/bin/bash
# run.sh NAME [ARGUMENT...]: one bench of the Release build; its last lines are one JSON object per figure.
set -eu
cd "$(dirname "$0")/.."
# The daemon that is measured is the one that is shipped.
[ ! -x artifacts/publish/oops ] || export OOPS_BIN=${OOPS_BIN:-$PWD/artifacts/publish/oops}
bench=(dotnet bench/Oops.Bench/bin/Release/net10.0/Oops.Bench.dll "$@")
case ${1:-} in
    latency | idle | hung | zones | routers | matrix) exec tests/lab.sh "${bench[@]}" ;;
    *) exec "${bench[@]}" ;;
esac
