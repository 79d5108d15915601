#!/usr/bin/env bash
# Every way to sign in, on the oldest Node.js that the package promises to run on.
source "$(dirname "$0")/support/work.sh"

npm install --silent --no-save --prefix "$work" node@22.23.3
export PATH="$work/node_modules/.bin:$PATH"
case $(node --version) in v22.*) ;; *) exit 1 ;; esac
node node_modules/vitest/vitest.mjs run test/auth test/show/sign-in-card.test.ts \
  test/show/sign-in-report.test.ts test/kernel/check-machine.test.ts
