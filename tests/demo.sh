#!/bin/bash
# demo.sh: the story of the README, on real software, in namespaces of its own. Exit 0 when each step went as promised.
set -eu
cd "$(dirname "$0")/.."
for configuration in Release Debug; do
    demo=tests/Oops.Lab/bin/$configuration/net10.0/Oops.Lab.dll
    [ ! -f "$demo" ] || exec tests/lab.sh dotnet "$demo" demo
done
echo "demo: tests/Oops.Lab is not built: make demo" >&2
exit 1
