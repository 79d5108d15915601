#!/usr/bin/env bash
# Delta tables in the practice lake, which writeQuery and writeFrame, Sail and deltalake all write:
# each finds the rows of the others, and of what all three append at the same time nothing is lost.
source "$(dirname "$0")/support/work.sh"
python_with deltalake==1.6.6 pyarrow==26.0.1
mkdir -p "$work/lake/tables"
node --disable-warning=ExperimentalWarning test/interop/delta/write-tables.ts new "$work/lake/tables"
PYTHON="$work/venv/bin/python" node --conditions=notelake-source --disable-warning=ExperimentalWarning \
  test/interop/delta/three-writers.ts "$work/lake" "$work/sail"
