#!/usr/bin/env bash
# PyPI's adlfs (fsspec for Azure), by a token of azure-identity, works on the practice lake.
source "$(dirname "$0")/support/practice.sh"
python_with adlfs==2026.8.0 azure-identity==1.27.0
# aiohttp trusts what OpenSSL trusts.
export SSL_CERT_FILE="$ca"
python test/interop/adlfs_interop.py "$description" "$ca" "$work"
