#!/usr/bin/env bash
# deltalake (delta-rs) writes tables and says which rows each version has; the folder becomes a file
# system of the practice lake, and every cell that loadFrame reads there is compared. Before that,
# writeQuery and writeFrame have written tables of their own there, and more to those of deltalake,
# and both have appended to one table at the same time.
source "$(dirname "$0")/support/work.sh"
python_with deltalake==1.6.6 pyarrow==26.0.1
tables="$work/lake/tables"
tables() { python test/interop/delta/deltalake_tables.py "$@"; }
ours() { node --disable-warning=ExperimentalWarning test/interop/delta/write-tables.ts "$@"; }

mkdir -p "$tables"
tables write "$tables"
ours new "$tables"
ours more "$tables" whole parts
tables more "$tables"

ours race "$tables" 20 &
tables race "$tables" 20
wait $!
holds "of two writers at the same time no row is lost" tables raced "$tables" 20

tables rows "$tables" "$work/rows" \
  whole parts moments replaced ours_types ours_parts ours_many ours_frame ours_stored
node --disable-warning=ExperimentalWarning test/interop/delta/compare.ts "$work/lake" "$work/rows"
