#!/usr/bin/env bash
# deltalake (delta-rs) writes tables and says which rows each version has; the folder becomes a file
# system of the practice lake, and every cell that loadFrame reads there is compared.
set -eu
cd "$(dirname "$0")/../.."
export PATH="$PWD/node_modules/.bin:$PATH"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export NOTELAKE_CACHE="$work/cache"

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet deltalake==1.6.6 pyarrow==26.0.1
python() { "$work/venv/bin/python" test/judges/delta/deltalake_tables.py "$@"; }

mkdir -p "$work/lake/tables"
python write "$work/lake/tables"
python rows "$work/lake/tables" "$work/rows" whole parts moments replaced
node --disable-warning=ExperimentalWarning test/judges/delta/compare.ts "$work/lake" "$work/rows"
