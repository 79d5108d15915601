#!/usr/bin/env bash
# nbclient's `jupyter execute` runs notebooks with our kernel, and fails where our runner fails.
source "$(dirname "$0")/support/work.sh"
python_with nbclient==0.11.0 jupyter_client==8.10.0
node --conditions=notelake-source --input-type=module --eval "
  import { writeKernelspec } from './src/kernel/kernelspec.ts';
  await writeKernelspec(process.argv[1]);
" "$work/share"
export JUPYTER_PATH="$work/share" JUPYTER_CONFIG_DIR="$work" JUPYTER_DATA_DIR="$work" JUPYTER_RUNTIME_DIR="$work"
export NOTELAKE_HEADLESS=1

execute() { "$work/venv/bin/jupyter-execute" --timeout=120 "$@"; }

for notebook in test/runner/fixtures/{passes,raises,late-output}.ipynb notebooks/*.ipynb; do
  echo "passes: $notebook"
  execute "$notebook"
done
for name in type-error exception rejection exit killed; do
  echo "fails: $name"
  if execute "test/runner/fixtures/$name.ipynb" >"$work/log" 2>&1; then
    echo "$name passed, and should not have"
    exit 1
  fi
done
grep -q "disk full" <(execute test/runner/fixtures/rejection.ipynb 2>&1)
# A failing cell ends the run, but with --allow-errors every later cell runs: none is skipped.
cp test/runner/fixtures/type-error.ipynb "$work/all.ipynb"
execute --allow-errors --inplace "$work/all.ipynb"
grep -q '"never\\n"' "$work/all.ipynb"
