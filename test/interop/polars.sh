#!/usr/bin/env bash
# nodejs-polars, whose Rust core has an Azure client of its own, scans Parquet in the practice lake.
source "$(dirname "$0")/support/practice.sh"
(cd "$work" && npm init --yes >/dev/null && npm install --silent nodejs-polars@0.26.1)
cp test/interop/polars.mjs "$work/"
# Rust's TLS trusts what OpenSSL trusts.
export SSL_CERT_FILE="$ca"
node "$work/polars.mjs" "$description"
