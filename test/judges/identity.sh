#!/usr/bin/env bash
# PyPI's azure-identity signs in to `notelake practice` in every way that both know.
set -eu
cd "$(dirname "$0")/../.."
export PATH="$PWD/node_modules/.bin:$PATH"
work=$(mktemp -d)
log=$work/practice.log
: >"$log"
trap 'kill $(jobs -p) 2>/dev/null; wait; rm -rf "$work"' EXIT

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet azure-identity==1.27.0
node --conditions=notelake-source --disable-warning=ExperimentalWarning src/cli.ts practice \
  >"$log" 2>&1 &
practice=$!
for _ in $(seq 100); do
  description=$(sed -n 's/.*NOTELAKE_PRACTICE=//p' "$log")
  [ -z "$description" ] || break
  kill -0 "$practice" || { cat "$log"; exit 1; }
  sleep 0.2
done
ca=$(sed -n 's/^CA certificate: *//p' "$log")
"$work/venv/bin/python" test/judges/azure_identity_judge.py "$description" "$ca"
# Nothing that was handed out has been logged.
if grep -E 'eyJ[A-Za-z0-9_-]{20}' "$log"; then exit 1; fi
