#!/usr/bin/env bash
# Microsoft's AzCopy copies, syncs and removes by both endpoints of the practice lake, under Azure's own
# host names, with checksums.
source "$(dirname "$0")/support/practice.sh"
source test/interop/support/azcopy.sh
notelake() { node --conditions=notelake-source --disable-warning=ExperimentalWarning "$@"; }
NOTELAKE_PRACTICE=$description notelake src/cli.ts practice --settings azcopy >"$work/settings.sh"
source "$work/settings.sh"
dfs=https://contosolake.dfs.core.windows.net/azcopy
blob=https://contosolake.blob.core.windows.net/azcopy

up=$work/up down=$work/down
mkdir -p "$up/deep/er" "$up/names with spaces & ümläuts"
head -c 20000000 /dev/urandom >"$up/deep/big.bin"
for number in $(seq 40); do echo "file $number" >"$up/deep/er/$number.txt"; done
echo hello >"$up/names with spaces & ümläuts/héllo wörld (1).txt"
: >"$up/empty.txt"

# does WHAT ARGUMENT... : AzCopy's job is to end as completed, with nothing failed or skipped.
does() {
  local what=$1
  shift
  azcopy "$@" >"$work/said.txt" 2>&1 || { cat "$work/said.txt"; holds "$what" false; }
  if grep -Eq '(Failed|Skipped): *[1-9]' "$work/said.txt"; then cat "$work/said.txt"; holds "$what" false; fi
  holds "$what" grep -Eq 'Job Status: Completed$|Successfully' "$work/said.txt"
}
files() { azcopy list "$1" | grep -c '; Content Length'; }

does "makes a file system" make "$dfs"
for endpoint in dfs blob; do
  url=${!endpoint}/$endpoint
  # A file of 20 MB goes up in pieces of 4.
  does "copies up, $endpoint" copy "$up/*" "$url" --recursive --put-md5 --block-size-mb 4
  does "copies down and checks, $endpoint" copy "$url" "$down" --recursive --check-md5 FailIfDifferentOrMissing
  holds "the same, $endpoint" diff -r "$up" "$down/$endpoint"
done
holds "lists what it brought" test "$(files "$blob/blob")" = 43
does "copies inside the lake" copy "$blob/blob" "$blob/copied" --recursive
holds "copies them all" test "$(files "$blob/copied")" = 43

rm -r "$up/deep/er"
echo changed >"$up/empty.txt"
sleep 1 # the lake's times are whole seconds: what changed in the second of its copy counts as later
does "syncs up" sync "$up" "$blob/blob" --recursive --delete-destination true
holds "removes what is gone" test "$(files "$blob/blob")" = 3
does "syncs down" sync "$blob/blob" "$down/blob" --recursive --delete-destination true
find "$down/blob" -type d -empty -delete # which AzCopy leaves
holds "the same after a sync" diff -r "$up" "$down/blob"

NOTELAKE_PRACTICE=$description notelake --input-type=module --eval '
  import { connect, openLake, signIn } from "notelake";
  await connect();
  await signIn({ method: "client-secret" });
  const { same, changes } = await openLake("azcopy").syncUp(process.argv[1], "blob");
  if (same !== 3 || changes.length > 0) throw new Error(JSON.stringify({ same, changes }));
' "$up"
echo "holds: syncUp finds nothing to do after it"

does "removes a folder" remove "$dfs/dfs" --recursive
holds "it is gone" test "$(azcopy list "$blob" | grep -c 'dfs/')" = 0
