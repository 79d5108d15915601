# Sourced by interop tests: starts `notelake practice $practice_options` for as long as the test runs.
# Afterwards: all that work.sh gives, $description (JSON file), $ca (PEM file).
source "$(dirname "${BASH_SOURCE[0]}")/work.sh"
trap 'kill $(jobs -p) 2>/dev/null; wait; rm -rf "$work"' EXIT

: >"$work/practice.log"
node --conditions=notelake-source --disable-warning=ExperimentalWarning src/cli.ts practice ${practice_options:-} \
  >"$work/practice.log" 2>&1 &
practice=$!
for _ in $(seq 150); do
  description=$(sed -n 's/.*NOTELAKE_PRACTICE=//p' "$work/practice.log")
  [ -z "$description" ] || break
  kill -0 "$practice" || { cat "$work/practice.log"; exit 1; }
  sleep 0.2
done
ca=$(sed -n 's/^CA certificate: *//p' "$work/practice.log")
