#!/usr/bin/env bash
# Stock Jupyter finds the kernel that `notelake kernel install` installs, and nbclient's
# `jupyter execute` runs notebooks with it, and fails where our runner fails.
source "$(dirname "$0")/support/work.sh"
python_with nbclient==0.11.0 jupyter_client==8.10.0
# The home of a person who has nothing of Jupyter yet.
export HOME="$work/home"
unset JUPYTER_PATH JUPYTER_DATA_DIR JUPYTER_CONFIG_DIR JUPYTER_RUNTIME_DIR XDG_DATA_HOME VIRTUAL_ENV
notelake() {
  node --conditions=notelake-source --disable-warning=ExperimentalWarning src/cli.ts "$@"
}
finds() { "$work/venv/bin/jupyter-kernelspec" list 2>/dev/null | grep -q "^ *$1 .*$2"; }
does_not_find() { ! finds "$@"; }
says_42() { echo "console.log(6 * 7)" | "$work/venv/bin/jupyter-run" --kernel "$1" | grep -qx 42; }

holds "without an installation Jupyter does not find the kernel" does_not_find notelake ""
notelake kernel install
holds "Jupyter finds it" finds notelake "$HOME/.local/share/jupyter/kernels/notelake"
holds "and starts it from a folder that is not the package's" eval "(cd / && says_42 notelake)"
notelake kernel install --prefix "$work/venv" --name in-venv --display-name "In this venv"
holds "Jupyter finds another one in its own environment" finds in-venv "$work/venv/share/jupyter"
holds "and starts it" says_42 in-venv
notelake kernel uninstall --prefix "$work/venv" --name in-venv
holds "uninstalled, it is gone" does_not_find in-venv ""

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
