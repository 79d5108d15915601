#!/usr/bin/env bash
# Every notebook runs on stock tslab, in a project that has nothing but it and the package, and says
# the same as on our own kernel; what differs is in test/interop/tslab/differences.ts.
source "$(dirname "$0")/support/work.sh"
pack_notelake
version=$(node -p 'require("./package.json").devDependencies.tslab')
mkdir "$work/project"
echo '{ "name": "somebody-elses", "private": true }' >"$work/project/package.json"
npm install --no-fund --no-audit --silent --ignore-scripts --prefix "$work/project" "$tarball" "tslab@$version"
node --conditions=notelake-source --disable-warning=ExperimentalWarning test/interop/tslab/run.ts \
  "$work/project" notebooks/*.ipynb
