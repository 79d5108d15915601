#!/usr/bin/env bash
# The client of Spark Connect against Sail, a server of others: statements and values, and what
# happens when connections drop, limits are exceeded, tokens expire and the server dies. Names and
# numbers of the protocol are compared with those that PySpark's own client is generated from.
source "$(dirname "$0")/support/work.sh"
python_with pysail==0.7.2 protobuf==7.36.2

"$work/venv/bin/pip" download --quiet --no-deps --no-binary :all: --dest "$work" pyspark-client==4.1.0
tar xzf "$work"/pyspark_client-4.1.0.tar.gz -C "$work"
python test/interop/spark/protocol_of_pyspark.py "$work"/pyspark_client-4.1.0/pyspark/sql/connect/proto \
  >"$work/protocol.json"
node --disable-warning=ExperimentalWarning test/interop/spark/compare-protocol.ts "$work/protocol.json"

node --conditions=notelake-source --disable-warning=ExperimentalWarning \
  test/interop/spark/sail-client.ts "$work/venv/bin/python" "$work"
