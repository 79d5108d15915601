#!/usr/bin/env bash
# Spark writes Delta tables with deletion vectors, mapped and widened columns, checkpoints of every
# kind, odd partitions and every type, and says which rows each version has; the folder becomes a
# file system of the practice lake, and every cell that loadFrame reads there is compared. Then the
# same with the rows that deltalake finds in the tables with deletion vectors. Tables that writeQuery
# and writeFrame have written there before are read and changed by Spark among the others.
source "$(dirname "$0")/support/work.sh"
tables="$work/lake/tables"
compare() {
  echo "$1:"
  node --disable-warning=ExperimentalWarning test/interop/delta/compare.ts "$work/lake" "$2"
}

mvn --quiet --batch-mode -Dstyle.color=never --file test/interop/delta/pom.xml dependency:copy-dependencies \
  -DoutputDirectory="$work/jars"
mkdir -p "$tables"
node --disable-warning=ExperimentalWarning test/interop/delta/write-tables.ts new "$tables"
java @test/interop/delta/java-options -cp "$work/jars/*" test/interop/delta/SparkTables.java \
  test/interop/delta/tables.sql "$tables" "$work/spark-rows" 2>"$work/spark.log" ||
  { tail -n 50 "$work/spark.log"; exit 1; }
compare "as Spark reads them" "$work/spark-rows"

python_with deltalake==1.6.6 pyarrow==26.0.1
python test/interop/delta/deltalake_tables.py rows "$tables" "$work/deltalake-rows" \
  parted deleted mapped_name v2_json v2_parquet
compare "as deltalake reads those with deletion vectors" "$work/deltalake-rows"
