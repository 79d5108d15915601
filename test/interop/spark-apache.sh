#!/usr/bin/env bash
# Apache Spark from PyPI, with Hadoop's client of Data Lake Storage, answers as DuckDB does.
# SPARK_ALL=1 SPARK_ROWS=5000000 runs every statement, on as many rows.
source "$(dirname "$0")/support/work.sh"
python_with pyspark==4.1.0
SPARK_HOME=$(echo "$work"/venv/lib/python*/site-packages/pyspark)
mvn -q -B -f test/interop/spark/pom.xml \
  org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies -DoutputDirectory="$work/jars"
export SPARK_HOME SPARK_JARS="$work/jars" PYSPARK_PYTHON="$work/venv/bin/python"
node --conditions=notelake-source --disable-warning=ExperimentalWarning \
  test/interop/spark/compare-engines.ts apache "${SPARK_ROWS:-20000}" "$work/spark"
