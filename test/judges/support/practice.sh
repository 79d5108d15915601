# Sourced by judges: starts `notelake practice` for as long as the judge runs.
# Afterwards: $work (a folder of the judge's own), $description (JSON file), $ca (PEM file).
set -eu
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
export PATH="$PWD/node_modules/.bin:$PATH"
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; wait; rm -rf "$work"' EXIT

: >"$work/practice.log"
node --conditions=notelake-source --disable-warning=ExperimentalWarning src/cli.ts practice \
  >"$work/practice.log" 2>&1 &
practice=$!
for _ in $(seq 150); do
  description=$(sed -n 's/.*NOTELAKE_PRACTICE=//p' "$work/practice.log")
  [ -z "$description" ] || break
  kill -0 "$practice" || { cat "$work/practice.log"; exit 1; }
  sleep 0.2
done
ca=$(sed -n 's/^CA certificate: *//p' "$work/practice.log")

# python PACKAGE... : a Python of the judge's own, with these packages, at $work/venv/bin/python.
python_with() {
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install --quiet "$@"
}

# holds WHAT COMMAND... : says that it holds once the command has succeeded, or ends the judge.
holds() {
  local what=$1
  shift
  "$@" || { echo "does not hold: $what"; exit 1; }
  echo "holds: $what"
}
