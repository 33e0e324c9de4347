#!/bin/bash
# run.sh: all that must hold before a change lands. The last line counts the tests: N passed, N failed, N skipped.
set -u
cd "$(dirname "$0")/.."
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT
failed=0

step() {
    local name=$1 from=$SECONDS
    shift
    echo "== $name"
    "$@" || { echo "== $name FAILED" >&2; failed=$((failed + 1)); return 1; }
    echo "== $name: $((SECONDS - from)) s"
}

# One line per run of a test project: `Total: N, Errors: N, Failed: N, Skipped: N`. Nothing else is trusted.
run_tests() {
    local name=$1
    shift
    "$@" -noLogo -noColor >"$log/$name" 2>&1
    local status=$?
    grep -vE '^ *(Discover|Starting|Finished)' "$log/$name"
    grep -q 'Total: [1-9]' "$log/$name" || { echo "$name ran no test" >&2; return 1; }
    return $status
}

step build dotnet build oops.slnx -c Release -v q -nologo || { echo "0 passed, 1 failed, 0 skipped"; exit 1; }
step format dotnet format whitespace oops.slnx --no-restore --verify-no-changes
step unit run_tests unit dotnet run --project tests/Oops.Tests -c Release --no-build --
# Beside each other: both wait most of the time, and each laboratory has its own network and processes.
lab=(tests/lab.sh dotnet tests/Oops.Lab/bin/Release/net10.0/Oops.Lab.dll)
run_tests matrix "${lab[@]}" -namespace Oops.Lab.Matrix >"$log/matrix.shown" 2>&1 &
matrix=$!
step lab run_tests lab "${lab[@]}" -namespace- Oops.Lab.Matrix
matrix_ends() { wait $matrix; local status=$?; cat "$log/matrix.shown"; return $status; }
step matrix matrix_ends
[ ! -x tests/docs.sh ] || step docs tests/docs.sh --check

total=0 bad=0 skipped=0
while read -r t e f s; do
    total=$((total + t)) bad=$((bad + e + f)) skipped=$((skipped + s))
done < <(cat "$log"/unit "$log"/lab "$log"/matrix 2>/dev/null | sed -nE 's/.*Total: ([0-9]+), Errors: ([0-9]+), Failed: ([0-9]+), Skipped: ([0-9]+).*/\1 \2 \3 \4/p')

# Once more at the end, where a log that was cut still has it.
grep -hE -A6 '\[FAIL\]$' "$log"/unit "$log"/lab "$log"/matrix 2>/dev/null | cut -c -400

# In CI a skipped test is a defect: the machine must have what it needs.
[ -z "${CI:-}" ] || [ "$skipped" = 0 ] || { echo "CI: $skipped tests were skipped" >&2; failed=$((failed + 1)); }
[ $failed = 0 ] || [ $bad != 0 ] || bad=$failed
echo "$((total - bad - skipped)) passed, $bad failed, $skipped skipped"
[ $bad = 0 ] && [ $failed = 0 ]
