#!/usr/bin/env bash
# Kills the practice lake 20 times in the middle of writing: nothing that it confirmed is lost. Three
# rounds of the same are part of `npm test`.
set -eu
cd "$(dirname "$0")/../.."
export PATH="$PWD/node_modules/.bin:$PATH" NOTELAKE_KILL_ROUNDS="${1:-20}"
vitest run test/practice-lake/durability.test.ts -t "killed at any moment"
