#!/usr/bin/env bash
# Hadoop's own client of Data Lake Storage Gen2, the one Spark reads with, works on the practice lake.
source "$(dirname "$0")/support/practice.sh"
command -v mvn >/dev/null || apt-get install -o DPkg::Lock::Timeout=600 -y -qq --no-install-recommends maven >/dev/null
jars=$work/jars conf=$work/conf here=$PWD/test/interop/hadoop
cp "$here/pom.xml" "$work/pom.xml"
mvn -q -B -f "$work/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies -DoutputDirectory="$jars"

# of NAME... : what the description says under these names.
of() { node -p 'process.argv.slice(2).reduce((at, name) => at[name], require(process.argv[1]))' "$description" "$@"; }
account=$(of account) port=$(of port)

# Its own trust store, with the practice cloud's authority and nobody else.
keytool -importcert -noprompt -alias practice -file "$ca" -keystore "$work/trust.p12" \
  -storetype PKCS12 -storepass practice 2>/dev/null
mkdir -p "$conf"
property() { printf '<property><name>%s</name><value>%s</value></property>\n' "$1" "$2"; }
{
  echo '<configuration>'
  property fs.azure.abfs.endpoint "127.0.0.1:$port"
  property fs.azure.account.hns.enabled true
  property fs.azure.createRemoteFileSystemDuringInitialization true
  property fs.azure.account.auth.type OAuth
  property fs.azure.account.oauth.provider.type \
    org.apache.hadoop.fs.azurebfs.oauth2.ClientCredsTokenProvider
  property fs.azure.account.oauth2.client.endpoint "$(of origin)/$(of tenantId)/oauth2/v2.0/token"
  property fs.azure.account.oauth2.client.id "$(of service clientId)"
  property fs.azure.account.oauth2.client.secret "$(of service clientSecret)"
  property fs.azure.ssl.channel.mode Default_JSSE
  # Every part that goes over the wire carries a checksum, and is checked by it.
  property fs.azure.enable.checksum.validation true
  property fs.defaultFS "abfss://hadoop@$account.dfs.core.windows.net"
  echo '</configuration>'
} >"$conf/core-site.xml"

fs() {
  java -cp "$conf:$jars/*" -Djavax.net.ssl.trustStore="$work/trust.p12" \
    -Djavax.net.ssl.trustStorePassword=practice org.apache.hadoop.fs.FsShell "$@"
}
fails() { ! "$@" >/dev/null 2>&1; }
# What the lake answers about one path.
text() { fs -cat "$1"; }
acl() { fs -getfacl "$1"; }
mode() { fs -stat %A "$1"; }

up=$work/up down=$work/down
mkdir -p "$up/deep/names with spaces & ümläuts" "$down"
head -c 100000000 /dev/urandom >"$up/big.bin"
for number in $(seq 30); do echo "file $number" >"$up/deep/$number.txt"; done
echo hello >"$up/deep/names with spaces & ümläuts/héllo (1).txt"
: >"$up/deep/empty.txt"

holds "makes directories" fs -mkdir -p /base/sub
holds "puts 100 MB" fs -put "$up/big.bin" /base/
holds "puts a tree" fs -put "$up/deep" /base/
fs -ls -R /base >"$work/list"
holds "lists every file" test "$(grep -c ^- "$work/list")" = 33
holds "lists sizes" grep -q ' 100000000 .*/base/big.bin$' "$work/list"
holds "reads" test "$(text /base/deep/7.txt)" = "file 7"
fs -get /base/big.bin /base/deep "$down/"
holds "reads 100 MB back, the same" cmp "$up/big.bin" "$down/big.bin"
holds "reads the tree back, the same" diff -r "$up/deep" "$down/deep"
fs -tail /base/big.bin >"$down/tail"
holds "reads the end of a file" cmp "$down/tail" <(tail -c 1024 "$up/big.bin")
fs -appendToFile "$up/deep/1.txt" "$up/deep/2.txt" /base/deep/3.txt
holds "appends" test "$(text /base/deep/3.txt)" = "$(printf 'file 3\nfile 1\nfile 2')"
fs -cp /base/deep /base/copy
holds "copies" test "$(text /base/copy/9.txt)" = "file 9"
fs -mv /base/copy /base/sub/
holds "moves a directory" test "$(text /base/sub/copy/9.txt)" = "file 9"
holds "leaves nothing behind" fails fs -test -e /base/copy
fs -mv /base/sub/copy/9.txt /base/moved.txt
holds "moves a file" test "$(text /base/moved.txt)" = "file 9"
holds "does not move what is not there" fails fs -mv /base/none /base/other
holds "does not write over a file unasked" fails fs -put "$up/deep/1.txt" /base/moved.txt
fs -put -f "$up/deep/1.txt" /base/moved.txt
holds "writes over a file when asked to" test "$(text /base/moved.txt)" = "file 1"

group=$(of groups 0 id)
fs -setfacl -m "group:$group:r-x,default:group:$group:r-x" /base/sub
acl /base/sub >"$work/acl"
holds "sets an access list" grep -qx "group:$group:r-x" "$work/acl"
holds "sets default entries" grep -qx "default:group:$group:r-x" "$work/acl"
fs -mkdir /base/sub/heir
holds "inherits them" grep -qx "group:$group:r-x" <(acl /base/sub/heir)
fs -setfacl -R -x "group:$group" /base/sub
holds "takes entries away" fails grep -q "^group:$group" <(acl /base/sub/heir)
fs -setfacl -b /base/sub
holds "takes a list away" fails grep -q "$group" <(acl /base/sub)
fs -chmod 700 /base/sub
holds "changes a mode" test "$(mode /base/sub)" = rwx------
holds "gives nothing away without being a super-user" fails fs -chown nobody /base/sub

holds "counts" test "$(fs -count /base | awk '{ print $1, $2 }')" = "7 65"
holds "keeps a directory that is not meant to go" fails fs -rm /base/sub
fs -rm -r -skipTrash /base >/dev/null
holds "removes a tree" fails fs -test -e /base
