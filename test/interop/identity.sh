#!/usr/bin/env bash
# PyPI's azure-identity signs in to `notelake practice` in every way that both know.
source "$(dirname "$0")/support/practice.sh"
python_with azure-identity==1.27.0
python test/interop/azure_identity_interop.py "$description" "$ca"
# Nothing that was handed out has been logged.
if grep -E 'eyJ[A-Za-z0-9_-]{20}' "$work/practice.log"; then exit 1; fi
