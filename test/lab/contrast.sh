#!/usr/bin/env bash
# The contrast of what notebooks show, in a real browser: those with a report, tables and charts.
set -eu
cd "$(dirname "$0")/../.."
export PATH="$PWD/node_modules/.bin:$PATH"
node --conditions=notelake-source --disable-warning=ExperimentalWarning test/lab/contrast.ts \
  notebooks/03-managed-identity.ipynb notebooks/07-load-files-into-dataframes.ipynb \
  notebooks/09-plot-and-report.ipynb
