#!/usr/bin/env bash
# Jupyter's own test suite for kernels, and floods as its stock client sees them.
source "$(dirname "$0")/support/work.sh"
python_with jupyter_kernel_test==0.7.0 jupyter_client==8.10.0
node --conditions=notelake-source --input-type=module --eval "
  import { writeKernelspec } from './src/kernel/kernelspec.ts';
  await writeKernelspec(process.argv[1]);
" "$work/share"
export JUPYTER_PATH="$work/share" JUPYTER_CONFIG_DIR="$work" JUPYTER_DATA_DIR="$work" JUPYTER_RUNTIME_DIR="$work"
export NOTELAKE_HEADLESS=1
python test/interop/jupyter_kernel_interop.py -v
