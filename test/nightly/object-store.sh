#!/usr/bin/env bash
# object_store's own test of its Azure client, with which Polars and DataFusion read, passes on the
# practice lake but for what holds without directories only: pages of so many blobs, the order of
# names, and the tags of blobs. Needs cargo.
source "$(dirname "$0")/../interop/support/practice.sh"
version=0.14.2
# Kept between runs, as it takes minutes to build.
export CARGO_TARGET_DIR=$PWD/.notelake/nightly/object-store
# of NAME... : what the description says under these names.
of() { node -p 'process.argv.slice(2).reduce((at, name) => at[name], require(process.argv[1]))' "$description" "$@"; }

cargo init --quiet --vcs none --name fetch "$work/fetch"
(cd "$work/fetch" && cargo add --quiet "object_store@$version" --features azure && cargo fetch --quiet)
sources=$(cd "$work/fetch" && cargo metadata --format-version 1 | node -p '
  JSON.parse(require("fs").readFileSync(0)).packages.find(({ name }) => name === "object_store").manifest_path')
cp -r "$(dirname "$sources")" "$work/object_store"
cd "$work/object_store"
# Where there are directories, each is listed with all in it before the next name: a slash comes first.
in_tree_order='x.as_ref().replace("/", "\\0") > offset.as_ref().replace("/", "\\0")'
sed -i "s|\*x > &offset|$in_tree_order|" src/integration.rs
grep -qF 'replace("/"' src/integration.rs
# A page of so many entries counts directories, which the client then leaves out.
sed -i '/list_paginated(&integration, &integration).await;/d' src/azure/mod.rs

export TEST_INTEGRATION=1 SSL_CERT_FILE=$ca
export AZURE_STORAGE_ACCOUNT_NAME AZURE_STORAGE_ACCOUNT_KEY AZURE_ENDPOINT
AZURE_STORAGE_ACCOUNT_NAME=$(of account)
AZURE_STORAGE_ACCOUNT_KEY=$(cat "$(of keyFiles accountKey)")
AZURE_ENDPOINT=$(of origin)/$(of account)
export AZURE_CONTAINER_NAME=object-store AZURE_DISABLE_TAGGING=true AZURE_SKIP_SIGNATURE=false
# The proxy leads the account's own name to the practice cloud.
RCLONE_CONFIG=/dev/null RCLONE_CONFIG_LAKE_TYPE=azureblob HTTPS_PROXY=$(of pages) \
  RCLONE_CONFIG_LAKE_ACCOUNT=$AZURE_STORAGE_ACCOUNT_NAME \
  RCLONE_CONFIG_LAKE_KEY=$AZURE_STORAGE_ACCOUNT_KEY rclone mkdir lake:object-store
holds "object_store's azure_blob_test" cargo test --quiet --features azure --lib azure_blob_test
