#!/usr/bin/env bash
# PyPI's azure-storage-file-datalake, Microsoft's own, works on the practice lake and on its OneLake, and
# deltalake (delta-rs) there as well.
source "$(dirname "$0")/support/practice.sh"
python_with azure-storage-file-datalake==12.26.1 azure-identity==1.27.0 \
  deltalake==1.6.6 pyarrow==26.0.1
python test/interop/datalake_interop.py "$description" "$ca"
python test/interop/onelake_interop.py "$description" "$ca"
