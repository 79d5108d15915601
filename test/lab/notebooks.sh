#!/usr/bin/env bash
# The notebooks in a real browser: JupyterLab as npm start runs it, Debian's Chromium, both themes.
set -eu
cd "$(dirname "$0")/../.."
export PATH="$PWD/node_modules/.bin:$PATH"
drive() {
  node --conditions=notelake-source --disable-warning=ExperimentalWarning test/lab/browser.ts "$@"
}
drive test/lab/fixtures/sign-in.ipynb --expect ".jp-RenderedSVG img"
drive test/lab/fixtures/every-output.ipynb --expect table --expect svg
first=notebooks/01-user-sign-in.ipynb
for scheme in light dark; do
  drive "$first" --scheme "$scheme" --expect table
done
for notebook in notebooks/*.ipynb; do
  case $notebook in
    "$first") continue ;;
    */00-* | */02-*) sign_ins=0 ;;
    *) sign_ins=1 ;;
  esac
  drive "$notebook" --sign-ins $sign_ins
done
