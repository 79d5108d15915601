#!/usr/bin/env bash
# deltalake (delta-rs) writes tables and says which rows each version has; the folder becomes a file
# system of the practice lake, and every cell that loadFrame reads there is compared.
source "$(dirname "$0")/support/work.sh"
python_with deltalake==1.6.6 pyarrow==26.0.1

mkdir -p "$work/lake/tables"
python test/judges/delta/deltalake_tables.py write "$work/lake/tables"
python test/judges/delta/deltalake_tables.py rows "$work/lake/tables" "$work/rows" whole parts moments replaced
node --disable-warning=ExperimentalWarning test/judges/delta/compare.ts "$work/lake" "$work/rows"
