#!/usr/bin/env bash
# Completion and Shift-Tab in a real browser: JupyterLab as npm start runs it, Debian's Chromium.
set -eu
cd "$(dirname "$0")/../.."
export PATH="$PWD/node_modules/.bin:$PATH"
node --conditions=notelake-source --disable-warning=ExperimentalWarning test/lab/editor-help.ts
