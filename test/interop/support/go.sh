# Sourced by interop tests after work.sh: a Go new enough for their clients. Debian's is older, and brings
# the one of this version as a module.
go_version=1.26.0
command -v go >/dev/null || apt-get install -o DPkg::Lock::Timeout=600 -y -qq --no-install-recommends golang-go >/dev/null
newest=$(printf '%s\n' "go$go_version" "$(go env GOVERSION)" | sort -V | tail -1)
if [ "$newest" = "go$go_version" ]; then
  platform="$(go env GOOS)-$(go env GOARCH)"
  (cd "$work" && go mod download -json "golang.org/toolchain@v0.0.1-go$go_version.$platform" >go.json)
  GOROOT=$(node -p 'JSON.parse(require("fs").readFileSync(process.argv[1])).Dir' "$work/go.json")
  chmod -R u+w,+x "$GOROOT/bin" "$GOROOT/pkg/tool"
  export GOROOT PATH="$GOROOT/bin:$PATH"
fi
export GOTOOLCHAIN=local GOFLAGS=-buildvcs=false
