#!/usr/bin/env bash
# PyPI's azure-storage-file-datalake, Microsoft's own, works on the practice lake.
source "$(dirname "$0")/support/practice.sh"
python_with azure-storage-file-datalake==12.26.1 azure-identity==1.27.0
python test/judges/datalake_judge.py "$description" "$ca"
