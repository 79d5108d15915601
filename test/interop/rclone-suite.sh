#!/usr/bin/env bash
# rclone's own tests of its backend for Azure Blob Storage pass on the practice lake, which they find
# out for themselves to be a lake, but for those that are listed with a reason.
source "$(dirname "$0")/support/practice.sh"
source test/interop/support/go.sh
version=v1.76.0
(cd "$work" && go mod download -json "github.com/rclone/rclone@$version" >rclone.json)
sources=$(node -p 'JSON.parse(require("fs").readFileSync(process.argv[1])).Dir' "$work/rclone.json")
(cd "$sources" && go test -c -o "$work/azureblob.test" ./backend/azureblob)

expected=$PWD/test/interop/rclone/expected-failures.txt
: >"$work/rclone.conf"
# of NAME... : what the description says under these names.
of() { node -p 'process.argv.slice(2).reduce((at, name) => at[name], require(process.argv[1]))' "$description" "$@"; }
export RCLONE_CONFIG=$work/rclone.conf SSL_CERT_FILE=$ca RCLONE_CONFIG_TESTAZUREBLOB_TYPE=azureblob
export RCLONE_CONFIG_TESTAZUREBLOB_ACCOUNT RCLONE_CONFIG_TESTAZUREBLOB_KEY RCLONE_CONFIG_TESTAZUREBLOB_ENDPOINT
RCLONE_CONFIG_TESTAZUREBLOB_ACCOUNT=$(of account)
RCLONE_CONFIG_TESTAZUREBLOB_KEY=$(cat "$(of keyFiles accountKey)")
RCLONE_CONFIG_TESTAZUREBLOB_ENDPOINT=$(of origin)/$(of account)

# They look for files of rclone's own above the folder that they run in.
(cd "$sources/backend/azureblob" &&
  "$work/azureblob.test" -test.v -remote TestAzureBlob: >"$work/rclone.log" 2>&1) || true
outcomes() { sed -n "s/^ *--- $1: \([^ ]*\) .*/\1/p" "$work/rclone.log" | sort; }
# A test that has tests of its own fails with them; the list names the innermost.
outcomes FAIL >"$work/failed"
while read -r name; do
  grep -q "^$name/" "$work/failed" || echo "$name"
done <"$work/failed" >"$work/innermost"
sed -n 's/^\([^# ][^ ]*\) .*/\1/p' "$expected" | sort >"$work/expected"
if ! diff "$work/expected" "$work/innermost" >"$work/difference"; then
  echo "does not hold: < is listed and passes by now, > fails and is not listed:"
  cat "$work/difference"
  grep -B 12 -e '--- FAIL' "$work/rclone.log" | head -150
  exit 1
fi
passed=$(outcomes PASS | wc -l)
holds "rclone's tests: $passed passed, $(wc -l <"$work/expected") listed as failing" test "$passed" -gt 150
