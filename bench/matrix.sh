#!/bin/bash
# matrix.sh: what of the matrix has not been measured yet, each server in a laboratory of its own, JOBS at once; then the page.
# SERVERS="knot nsd": only these. ONLY=ROW: this condition, and those that are provoked with it, anew; the words for it are in docs/reference/matrix.md. ANEW=1: all.
set -u
cd "$(dirname "$0")/.."
arguments=(${ONLY:+--only "$ONLY"} ${ANEW:+--anew})
printf '%s\n' ${SERVERS:-knot nsd bind unbound powerdns recursor dnsdist kresd} |
    xargs -P "${JOBS:-4}" -I{} bench/run.sh matrix {} "${arguments[@]}"
status=$?
dotnet bench/Oops.Bench/bin/Release/net10.0/Oops.Bench.dll matrix page || exit 1
exit $status
