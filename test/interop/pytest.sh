#!/usr/bin/env bash
# The example for pytest: PyPI's Azure SDK in the tests of a Python project.
source "$(dirname "$0")/support/work.sh"
python_with pytest==9.1.1 azure-storage-file-datalake==12.26.1 azure-identity==1.27.0
export NOTELAKE="$PWD/src/notelake.js" PYTHONDONTWRITEBYTECODE=1
holds "every test of examples/pytest" "$work/venv/bin/pytest" -q -p no:cacheprovider examples/pytest
