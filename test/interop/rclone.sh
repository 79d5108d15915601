#!/usr/bin/env bash
# Debian's rclone copies, syncs and checks against the practice lake by a signed URL.
source "$(dirname "$0")/support/practice.sh"
python_with azure-storage-file-datalake==12.26.1 azure-identity==1.27.0
url=$(python test/interop/support/signed_url.py "$description" "$ca" rclone)
: >"$work/rclone.conf"
export RCLONE_CONFIG=$work/rclone.conf RCLONE_CA_CERT=$ca
export RCLONE_CONFIG_LAKE_TYPE=azureblob RCLONE_CONFIG_LAKE_SAS_URL=$url
# Small enough that a file of some megabytes goes up in blocks.
export RCLONE_AZUREBLOB_CHUNK_SIZE=256k RCLONE_RETRIES=1 RCLONE_LOW_LEVEL_RETRIES=2

up=$work/up down=$work/down
mkdir -p "$up/deep/er" "$up/names with spaces & ümläuts"
head -c 5000000 /dev/urandom >"$up/deep/big.bin"
for number in $(seq 40); do echo "file $number" >"$up/deep/er/$number.txt"; done
echo hello >"$up/names with spaces & ümläuts/héllo wörld (1).txt"
: >"$up/empty.txt"

holds "copies up" rclone copy "$up" lake:rclone/base
holds "checks" rclone check "$up" lake:rclone/base
rclone copy lake:rclone/base "$down"
holds "copies down, the same" diff -r "$up" "$down"
holds "lists all" test "$(rclone lsf -R --files-only lake:rclone/base | wc -l)" = 43
holds "lists one level" test "$(rclone lsf lake:rclone/base/deep)" = "$(printf 'big.bin\ner/')"
holds "copies inside the lake" rclone copyto lake:rclone/base/deep/big.bin lake:rclone/base/copy.bin
holds "copies it whole" cmp "$up/deep/big.bin" <(rclone cat lake:rclone/base/copy.bin)
rclone deletefile lake:rclone/base/copy.bin
rm -r "$up/deep/er"
echo changed >"$up/empty.txt"
rclone sync "$up" lake:rclone/base
holds "syncs" rclone check "$up" lake:rclone/base
rclone moveto lake:rclone/base/empty.txt lake:rclone/base/moved.txt
holds "moves" test "$(rclone cat lake:rclone/base/moved.txt)" = changed
rclone delete lake:rclone/base
holds "deletes" test -z "$(rclone lsf -R --files-only lake:rclone/base)"

echo extra | rclone rcat lake:rclone/base/extra.txt
NOTELAKE_PRACTICE=$description node --conditions=notelake-source --disable-warning=ExperimentalWarning \
  --input-type=module --eval '
    import { connect, openLake, signIn } from "notelake";
    await connect();
    await signIn({ method: "client-secret" });
    await openLake("rclone").syncUp(process.argv[1], "base", { delete: true });
  ' "$up" >"$work/sync.log" || cat "$work/sync.log"
holds "finds what syncUp brought up, and nothing else" rclone check "$up" lake:rclone/base
