# Sourced by interop tests, after work.sh: brings AzCopy, which Microsoft has on npm.
# Afterwards: azcopy is on the path, and keeps its logs and plans in $work.
npm install --silent --no-save --prefix "$work/azcopy-package" @azure-tools/azcopy-linux@10.32.2
chmod +x "$work"/azcopy-package/node_modules/@azure-tools/azcopy-linux/dist/bin/azcopy_linux_amd64
ln -s node_modules/@azure-tools/azcopy-linux/dist/bin/azcopy_linux_amd64 "$work/azcopy-package/azcopy"
export PATH="$work/azcopy-package:$PATH"
export AZCOPY_LOG_LOCATION=$work/azcopy AZCOPY_JOB_PLAN_LOCATION=$work/azcopy
