# Sourced by interop tests: enters the project's folder, with its programs first on the path.
# Afterwards: $work (a folder of the test's own, gone at the end), with the cache of loads in it.
set -eu
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
export PATH="$PWD/node_modules/.bin:$PATH"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export NOTELAKE_CACHE="$work/cache"

# python_with PACKAGE... : makes a Python of the test's own, with these packages.
python_with() {
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install --quiet "$@"
}

# That Python; it finds the modules beside this file.
python() { PYTHONPATH=test/interop/support "$work/venv/bin/python" "$@"; }

# Two tests may run at once, and two of these would spoil each other's files.
mvn() { flock "${TMPDIR:-/tmp}/notelake-mvn.lock" mvn "$@"; }

# pack_notelake : builds the package and packs it; afterwards $tarball.
pack_notelake() {
  (
    flock 9
    node build/build.ts
    npm pack --ignore-scripts --silent --pack-destination "$work" >/dev/null
  ) 9>"${TMPDIR:-/tmp}/notelake-pack.lock"
  tarball=$(echo "$work"/notelake-*.tgz)
}

# holds WHAT COMMAND... : says that it holds once the command has succeeded, or ends the test.
holds() {
  local what=$1
  shift
  "$@" || { echo "does not hold: $what"; exit 1; }
  echo "holds: $what"
}
