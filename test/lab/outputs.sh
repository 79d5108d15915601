#!/usr/bin/env bash
# What notebooks show, in a real browser at several widths: letters of charts, what is saved, tables that
# sort and page by keyboard, the code of a sign-in that is copied, and names for those who do not see it.
set -eu
cd "$(dirname "$0")/../.."
export PATH="$PWD/node_modules/.bin:$PATH"
node --conditions=notelake-source --disable-warning=ExperimentalWarning test/lab/outputs.ts
