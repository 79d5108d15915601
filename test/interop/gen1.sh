#!/usr/bin/env bash
# PyPI's azure-datalake-store, Microsoft's own client of Gen1, works on a Gen1 account.
source "$(dirname "$0")/support/practice.sh"
python_with azure-datalake-store==1.0.1 azure-identity==1.27.0
export REQUESTS_CA_BUNDLE="$ca"
python test/interop/gen1_interop.py "$description" "$ca" "$work"
