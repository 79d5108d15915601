#!/usr/bin/env bash
# Every cell that loadFrame reads is compared with the reading of pyarrow, pandas (with openpyxl)
# and deltalake, and what writeFrame writes is read by them.
set -eu
cd "$(dirname "$0")/../.."
export PATH="$PWD/node_modules/.bin:$PATH"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export NOTELAKE_CACHE="$work/cache"

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet deltalake==1.6.6 openpyxl==3.1.5 pandas==3.1.1 pyarrow==26.0.1
python() { "$work/venv/bin/python" test/judges/frames_judge.py "$@"; }

mkdir -p "$work/files"
cp -r data/raw data/curated "$work/files"
rm -r "$work/files/raw/bad"
python make "$work/files"
node --disable-warning=ExperimentalWarning test/judges/frames-dump.ts "$work/files" "$work/cells"
python compare "$work/files" "$work/cells"
