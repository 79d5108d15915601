#!/usr/bin/env bash
# deltalake (delta-rs) writes tables and says which rows each version has; the folder becomes a file
# system of the practice lake, and every cell that loadFrame reads there is compared. Before that,
# writeQuery and writeFrame have written tables of their own there, and more to those of deltalake,
# and both have appended to one table at the same time.
source "$(dirname "$0")/support/work.sh"
python_with deltalake==1.6.6 pyarrow==26.0.1
tables="$work/lake/tables"
judge() { python test/judges/delta/deltalake_tables.py "$@"; }
ours() { node --disable-warning=ExperimentalWarning test/judges/delta/write-tables.ts "$@"; }

mkdir -p "$tables"
judge write "$tables"
ours new "$tables"
ours more "$tables" whole parts
judge more "$tables"

ours race "$tables" 20 &
judge race "$tables" 20
wait $!
holds "of two writers at the same time no row is lost" judge raced "$tables" 20

judge rows "$tables" "$work/rows" \
  whole parts moments replaced ours_types ours_parts ours_many ours_frame
node --disable-warning=ExperimentalWarning test/judges/delta/compare.ts "$work/lake" "$work/rows"
