#!/usr/bin/env bash
# The tutorials in one practice cloud, in order and twice, as somebody works through them who keeps
# the cloud: none may lean on a cloud of its own, or on what it made being there only once. Outputs may
# differ: what was fetched for one is not fetched again for the next.
practice_options="--approve ada@contoso.com"
source "$(dirname "$0")/support/practice.sh"
export NOTELAKE_PRACTICE="$description"
in_order() {
  node --conditions=notelake-source --disable-warning=ExperimentalWarning src/cli.ts \
    run --parallel 1 notebooks
}
echo "every notebook in one cloud, one after another"
in_order
echo "and a second time"
in_order
