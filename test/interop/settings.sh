#!/usr/bin/env bash
# Other people's clients reach the practice cloud under Azure's own host names with nothing but what
# `notelake practice --settings CLIENT` prints, typed as it is printed. Where the system grants a
# network of this machine alone, they run in one: whatever led elsewhere would fail.
#
# bash test/interop/settings.sh [CLIENT...]: also az, go and rust, which take minutes to install.
source "$(dirname "$0")/support/work.sh"
clients=${*:-node python rclone azcopy java spark}
here=$PWD/test/interop/settings
isolated() { "$@"; }
if unshare --net true 2>/dev/null; then
  isolated() { unshare --net sh -c 'ip link set lo up && exec "$@"' sh "$@"; }
fi
jars() {
  mkdir -p "$work/$1" && cp "$2" "$work/$1/pom.xml"
  mvn -q -B -f "$work/$1/pom.xml" \
    org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies -DoutputDirectory="$work/$1/jars"
}

# Installs a client in the folder where its example is to be.
install() {
  mkdir -p "$work/$1"
  case $1 in
    node) ln -s "$PWD/node_modules" "$work/node/node_modules" ;;
    python)
      python_with azure-storage-file-datalake==12.26.1 azure-identity==1.27.0
      ;;
    az) python3 -m venv "$work/az/venv" && "$work/az/venv/bin/pip" install --quiet azure-cli==2.91.0 ;;
    java) jars java "$here/pom.xml" ;;
    spark) jars spark test/interop/hadoop/pom.xml ;;
    go)
      source test/interop/support/go.sh
      cp "$here/go.mod" "$here/go.sum" "$work/go/"
      (cd "$work/go" && go mod download)
      ;;
    rust)
      cargo init --quiet --vcs none --name client "$work/rust"
      (cd "$work/rust" && cargo add --quiet object_store@0.14.2 --features azure &&
        cargo add --quiet tokio@1 --features full && cargo build --quiet)
      ;;
    rclone) ;;
    azcopy) source test/interop/support/azcopy.sh ;;
    *) echo "there is no test of $1" && exit 1 ;;
  esac
}
for client in $clients; do install "$client"; done

cat >"$work/all.sh" <<'SCRIPT'
set -eu
source test/interop/support/practice.sh
cp "$description" "$JUDGE/description.json"
export NOTELAKE_PRACTICE=$description
lake=$work
for client in "$@"; do
  folder=$JUDGE/$client
  node --conditions=notelake-source --disable-warning=ExperimentalWarning src/cli.ts practice \
    --settings "$client" >"$folder/settings.sh"
  python3 test/interop/settings/write_example.py "$folder" <"$folder/settings.sh" >"$folder/then.sh"
  (
    source "$folder/settings.sh"
    cd "$folder"
    case $client in
      python) unset -f python; PATH=$JUDGE/venv/bin:$PATH ;;
      az) PATH=$folder/venv/bin:$PATH ;;
      # What Hadoop's own script does, which none of the packages has.
      spark) hadoop() { java -cp "$HADOOP_CONF_DIR:jars/*" org.apache.hadoop.fs.FsShell "${@:2}"; } ;;
    esac
    source "$folder/then.sh"
  ) >"$folder/said.txt" 2>"$folder/errors.txt" || { cat "$folder/errors.txt"; exit 1; }
  # Every one of them lists file systems, or what is in one.
  if ! grep -Eq '(^|[ /])(raw|flights)(/|$)' "$folder/said.txt"; then
    echo "does not hold: $client lists the lake"
    cat "$folder/said.txt"
    exit 1
  fi
  echo "holds: $client lists the lake as it is printed"
done
pages=$(node -p 'require(process.argv[1]).pages' "$description")
curl -s --noproxy '*' "$pages/practice/requests" >"$work/requests.json"
node -e '
  const { value } = JSON.parse(require("fs").readFileSync(process.argv[1]));
  const hosts = new Set(value.map(({ url }) => URL.canParse(url) && new URL(url).host));
  if (!hosts.has("login.microsoftonline.com")) throw new Error("nobody signed in by its name");
' "$work/requests.json"
echo "holds: they signed in at login.microsoftonline.com"
SCRIPT
# shellcheck disable=SC2086
JUDGE=$work isolated bash "$work/all.sh" $clients
