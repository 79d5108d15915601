#!/usr/bin/env bash
# Every cell that loadFrame reads is compared with the reading of pyarrow, pandas (with openpyxl)
# and deltalake, and what writeFrame writes is read by them.
source "$(dirname "$0")/support/work.sh"
python_with deltalake==1.6.6 openpyxl==3.1.5 pandas==3.1.1 pyarrow==26.0.1

mkdir -p "$work/files"
cp -r data/raw data/curated "$work/files"
rm -r "$work/files/raw/bad"
python test/interop/frames_interop.py make "$work/files"
node --disable-warning=ExperimentalWarning test/interop/frames-dump.ts "$work/files" "$work/cells"
python test/interop/frames_interop.py compare "$work/files" "$work/cells"
