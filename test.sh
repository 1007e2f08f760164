#!/usr/bin/env bash
# Installs what the tests need, builds everything with warnings as errors, and runs all tests.
# Arguments go to the test runner: ./test.sh -class "ScoreTracking.Tests.Ingest.StormTests"
set -euo pipefail
cd "$(dirname "$0")"

install() {
    local as_root=()
    [ "$(id -u)" = 0 ] || as_root=(sudo)
    "${as_root[@]}" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

missing=()
command -v chromium >/dev/null || missing+=(chromium fonts-liberation)   # the browser tests
command -v npm >/dev/null || missing+=(npm)                              # what the two package-lock.json list
command -v gcc >/dev/null || missing+=(gcc libc6-dev)                    # the power-cut shim
[ -x /usr/sbin/smtp-sink ] || missing+=(postfix)                     # a mail server to hand mail to; nothing of it has to run
/usr/bin/python3 -c 'import dkim, nacl' 2>/dev/null || missing+=(python3 python3-dkim python3-nacl)   # who reads our mail besides us
[ ${#missing[@]} = 0 ] || install "${missing[@]}"

dotnet build ScoreTracking.sln --nologo --verbosity quiet
log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
dotnet run --project App.Tests --no-build -- -noColor "$@" | tee "$log" || status=$?

# The runner's own summary, in the words continuous integration reads.
read -r total errors failed skipped unrun < <(sed -nE 's/.*Total: ([0-9]+), Errors: ([0-9]+), Failed: ([0-9]+), Skipped: ([0-9]+), Not Run: ([0-9]+).*/\1 \2 \3 \4 \5/p' "$log" | tail -n 1) || true
if [ -z "${total:-}" ] || [ "$total" = 0 ]; then
    echo "No test ran." >&2
    exit 1
fi

# A skipped test proves nothing, so it fails the run.
[ "$skipped" = 0 ] || status=1
[ $((failed + errors)) = 0 ] || status=1

# Which ones failed and why, once more at the end, where a long log is read.
grep -E -A 12 '\[FAIL\]$' "$log" | tail -n 200 || true
echo "$((total - failed - skipped - unrun)) passed, $((failed + errors)) failed, $skipped skipped"
exit "$status"
