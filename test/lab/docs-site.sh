#!/usr/bin/env bash
# The documents site: made by npm run docs, then opened in Debian's Chromium.
set -eu
cd "$(dirname "$0")/../.."
export PATH="$PWD/node_modules/.bin:$PATH"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
node docs/build.ts "$work/site"
node --disable-warning=ExperimentalWarning test/lab/docs-site.ts "$work/site"
