#!/usr/bin/env bash
# Microsoft's own tests of azure-storage-file-datalake, which its source package has, pass on the
# practice lake, sync and async, but for those that are listed with a reason.
source "$(dirname "$0")/support/practice.sh"
version=12.26.1
python_with "azure-storage-file-datalake[aio]==$version" azure-storage-extensions==0.1.0 \
  azure-identity==1.27.0 pytest==9.2.0 pytest-asyncio==1.5.0 pytest-xdist==3.8.0
"$work/venv/bin/pip" download --quiet --no-deps --no-binary :all: --dest "$work" \
  "azure-storage-file-datalake==$version"
tar -xzf "$work/azure_storage_file_datalake-$version.tar.gz" -C "$work"

suite=$PWD/test/interop/official
exports=$(python "$suite/prepare.py" "$description" "$ca")
eval "$exports"
export REQUESTS_CA_BUNDLE=$ca SSL_CERT_FILE=$ca AZURE_TEST_RUN_LIVE=True
export EXPECTED_FAILURES=$suite/expected-failures.txt PYTHONPATH=$suite

# That one test asks nothing of the lake: it makes 8 GB, and drops them before they are sent.
cd "$work/azure_storage_file_datalake-$version/tests"
suite_of() {
  "$work/venv/bin/python" -m pytest -p practice_plugin -p no:cacheprovider -o asyncio_mode=auto \
    -q --tb=short -rX "$@"
}
service="test_datalake_service_client.py test_datalake_service_client_async.py"
suite_of -n 6 --dist loadfile "--ignore=${service% *}" "--ignore=${service#* }" \
  --deselect test_large_file.py::TestLargeFile::test_upload_large_stream_without_network
# These change one and the same thing, the properties of the account's service.
# shellcheck disable=SC2086
suite_of $service
