#!/usr/bin/env bash
# Hadoop's own tests of its Azure client run on the practice lake: the contract that every file system
# of Hadoop has to keep, and those of the client itself. What fails has to be on the list beside it,
# and what is on the list has to fail. `hadoop-suite.sh CLASS...` runs some classes only.
source "$(dirname "$0")/../interop/support/practice.sh"
command -v mvn >/dev/null || apt-get install -y -qq --no-install-recommends maven >/dev/null
here=$PWD/test/nightly/hadoop kept=$PWD/.notelake/nightly/hadoop
jars=$kept/jars conf=$work/conf
mkdir -p "$kept" "$conf"
mvn -q -B -f "$here/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
  -DoutputDirectory="$jars"

# of NAME... : what the description says under these names.
of() { node -p 'process.argv.slice(2).reduce((at, name) => at[name], require(process.argv[1]))' "$description" "$@"; }
keytool -importcert -noprompt -alias practice -file "$ca" -keystore "$work/trust.p12" \
  -storetype PKCS12 -storepass practice 2>/dev/null
host=$(of account).dfs.core.windows.net
property() { printf '<property><name>%s</name><value>%s</value></property>\n' "$1" "$2"; }
(
  umask 077
  {
    echo '<configuration>'
    property fs.azure.abfs.account.name "$host"
    property "fs.azure.account.key.$host" "$(cat "$(of keyFiles accountKey)")"
    # Not of the account by name: tests of signatures set another one for all accounts.
    property fs.azure.account.auth.type SharedKey
    property fs.contract.test.fs.abfs "abfs://contract@$host"
    property fs.contract.test.fs.abfss "abfss://contract@$host"
    property fs.azure.test.namespace.enabled true
    property fs.azure.account.hns.enabled true
    property fs.azure.ssl.channel.mode Default_JSSE
    property fs.azure.networking.library JDK_HTTP_URL_CONNECTION
    echo '</configuration>'
  } >"$conf/azure-auth-keys.xml"
)

# Those that sign for themselves want a file system that is there.
NODE_EXTRA_CA_CERTS=$ca node -e '
  const { DataLakeServiceClient, StorageSharedKeyCredential } = require("@azure/storage-file-datalake");
  const [url, account, key] = process.argv.slice(1);
  const service = new DataLakeServiceClient(url, new StorageSharedKeyCredential(account, key));
  service.getFileSystemClient("contract").create();
' "$(of origin)/$(of account)" "$(of account)" "$(cat "$(of keyFiles accountKey)")"

tests=$(echo "$jars"/hadoop-azure-*-tests.jar)
classes=("$@")
if [ ${#classes[@]} = 0 ]; then
  mapfile -t classes < <(unzip -Z1 "$tests" | grep -E '/ITest(AbfsFileSystemContract|AzureBlobFileSystem)[^$/]*\.class$' |
    grep -v Base.class | sed 's/\.class$//; s|/|.|g' | awk -F. '{ print $NF, $0 }' | sort | cut -d' ' -f2)
fi
# The account's name leads to the practice cloud through its proxy, and nothing else leads anywhere.
proxy=$(of pages)
proxy=${proxy#http://}
: >"$work/failed"
passed=0
for class in "${classes[@]}"; do
  # Some wait for what never comes: a class has ten minutes.
  timeout 600 java --add-opens java.base/java.lang=ALL-UNNAMED -cp "$conf:$jars/*" -Djavax.net.ssl.trustStore="$work/trust.p12" \
    -Djavax.net.ssl.trustStorePassword=practice -Dhttps.proxyHost="${proxy%:*}" \
    -Dhttps.proxyPort="${proxy#*:}" -Dhttp.nonProxyHosts= -Dtest.build.data="$work/data" \
    org.junit.runner.JUnitCore "$class" >"$work/out" 2>&1 || true
  sed -nE 's/^[0-9]+\) (.*)\((.*)\)$/\2 \1/p' "$work/out" | sed 's/.*\.//' | sort -u >"$work/failed-here"
  count=$(sed -nE 's/^OK \(([0-9]+) tests?\)$/\1/p; s/^Tests run: ([0-9]+),.*/\1/p' "$work/out")
  if [ -z "$count" ]; then
    echo "${class##*.} (the class came to no end)" >>"$work/failed-here"
    tail -n 5 "$work/out"
    count=0
  fi
  failed=$(wc -l <"$work/failed-here")
  passed=$((passed + (count > failed ? count - failed : 0)))
  echo "${class##*.}: $count run, $failed failed"
  cat "$work/failed-here" >>"$work/failed"
  [ -z "${KEEP_OUTPUT:-}" ] || cp "$work/out" "$KEEP_OUTPUT/${class##*.}.txt"
done
sort -u "$work/failed" -o "$work/failed"
# A line of the list: class and test, then why, behind a tab.
names=$(printf '%s|' "${classes[@]##*.}")
list=$here/expected-failures.txt
sed -n 's/^?//p' "$list" | cut -f1 >"$work/now-and-then"
grep -vxFf "$work/now-and-then" "$work/failed" >"$work/always" || true
{ grep -v '^[#?]' "$list" || true; } | cut -f1 | grep -E "^(${names%|})( |\[|\$)" | sort -u >"$work/expected" || true
echo "$passed passed, $(wc -l <"$work/failed") failed, $(wc -l <"$work/expected") of them expected"
holds "what fails is what is listed in test/nightly/hadoop/expected-failures.txt" \
  diff "$work/expected" "$work/always"
