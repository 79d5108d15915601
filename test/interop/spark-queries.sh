#!/usr/bin/env bash
# `notelake spark` brings Sail from PyPI, and it answers every statement of the table as DuckDB does.
# SPARK_ROWS=5000000 asks the same of millions of rows.
source "$(dirname "$0")/support/work.sh"
node --conditions=notelake-source --disable-warning=ExperimentalWarning \
  test/interop/spark/compare-engines.ts sail "${SPARK_ROWS:-20000}" "$work/sail"
