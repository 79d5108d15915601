#!/usr/bin/env bash
# The table in docs/guide/ci.md: what other runners of notebooks say of the faults that ours fails for.
# They run the same faults in Python, with IPython's kernel.
source "$(dirname "$0")/support/work.sh"
python_with nbclient==0.11.0 nbmake==1.5.5 papermill==2.7.0 ipykernel==7.4.0 pytest==9.2.0
mkdir "$work/traps"
python test/interop/runners/python_traps.py "$work/traps"
holds "the guide's table of runners" python test/interop/runners/compare_runners.py "$work/traps"
