#!/usr/bin/env bash
# Several users of one machine, one of them unknown to it, and containers that share a folder: each
# works for itself, and whoever is killed leaves the others alone. Needs root, to become others.
source "$(dirname "$0")/support/work.sh"
unset NOTELAKE_CACHE

can_contain() { unshare --mount --pid --fork true 2>/dev/null; }
# A place that every user may enter, wherever the project lies; gone with this mount namespace.
if [ -z "${NOTELAKE_JUDGE_PROJECT-}" ] && can_contain; then
  chmod 711 "$work"
  mkdir "$work/project"
  export NOTELAKE_JUDGE_PROJECT=$work/project
  unshare --mount bash -eu -c 'mount --bind "$PWD" "$1" && cd "$1" && exec bash test/interop/users.sh' \
    bash "$NOTELAKE_JUDGE_PROJECT"
  exit
fi
project=${NOTELAKE_JUDGE_PROJECT-$PWD}
cd "$project"
node=$project/node_modules/node/bin/node
chmod 711 "$work"
# kill_it JOB: kills a practice cloud, and the one inside a namespace as well: what `unshare` asks of
# the kernel for its child ends when the child becomes another user.
kill_it() {
  kill -KILL $(cat "/proc/$1/task/$1/children" 2>/dev/null) "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
}
trap 'for job in $(jobs -p); do kill_it "$job"; done; rm -rf "$work"' EXIT

# Two users of the machine, and one that it does not know: as with `docker run --user 54321`.
daemon=1 nobody=65534 unknown=54321
if getent passwd $unknown >/dev/null; then echo "uid $unknown is taken"; exit 1; fi
mkdir -m 1777 "$work/temporary"
for uid in $daemon $nobody; do install -d -m 700 -o $uid -g $uid "$work/home-$uid"; done

# as UID COMMAND...: with a home, but for the unknown one, and one TMPDIR for all.
as() {
  local uid=$1 home=()
  shift
  [ "$uid" = $unknown ] || home=("HOME=$work/home-$uid")
  exec setpriv --reuid "$uid" --regid "$uid" --clear-groups \
    env -i "PATH=$project/node_modules/.bin:/usr/bin:/bin" "TMPDIR=$work/temporary" "${home[@]}" "$@"
}
notelake=("$node" --conditions=notelake-source --disable-warning=ExperimentalWarning src/cli.ts)
contained=(unshare --pid --fork --kill-child --mount-proc)

# until_it WHAT COMMAND...: waits for a minute at most.
until_it() {
  local what=$1
  shift
  for _ in $(seq 300); do
    if "$@"; then return; fi
    sleep 0.2
  done
  echo "does not happen: $what"
  head -n 5 "$work"/*.log
  exit 1
}
# start NAME UID [ARGUMENT...]: a practice cloud that writes to NAME.log; leaves its job in $started.
start() {
  local name=$1 uid=$2
  shift 2
  (as "$uid" "${notelake[@]}" practice "$@") >"$work/$name.log" 2>&1 &
  started=$!
}
runs() { grep -q 'Ctrl-C stops it' "$work/$1.log" 2>/dev/null; }
# of NAME LABEL: what a practice cloud has printed after a label.
of() { sed -n "s/^$2: *//p" "$work/$1.log"; }
answers() { curl -fsS -o /dev/null "$(of "$1" 'Pages, metadata service')"; }
folders_of() { find "$work/temporary" -maxdepth 1 -name 'notelake-practice-*' -user "$1"; }

# What a user of long ago has left, under the names that others would like to tidy up.
mkdir -m 700 "$work/temporary/notelake-practice-99999-x" "$work/temporary/notelake-process-x"

start daemon $daemon; daemons=$started
start nobody $nobody
start unknown $unknown
for name in daemon nobody unknown; do until_it "$name's practice cloud starts" runs $name; done
for name in daemon nobody unknown; do holds "$name's practice cloud answers" answers $name; done
for uid in $daemon $nobody $unknown; do
  holds "uid $uid has one folder, for itself" \
    test "$(stat -c %a $(folders_of $uid))" = 700
done

notebook=notebooks/07-load-files-into-dataframes.ipynb
for uid in $daemon $nobody $unknown; do
  (as $uid "${notelake[@]}" run $notebook) >"$work/run-$uid.log" 2>&1 &
  eval "run_$uid=$!"
done
for uid in $daemon $nobody $unknown; do
  run=run_$uid
  wait "${!run}" || { cat "$work/run-$uid.log"; echo "uid $uid cannot run a notebook"; exit 1; }
  echo "holds: uid $uid runs a notebook that loads files, while the others do"
done
for uid in $daemon $nobody; do
  cache=$work/home-$uid/.cache/notelake
  holds "uid $uid keeps copies at home" test -n "$(ls "$cache")"
  holds "and for itself" test "$(stat -c '%a %u' "$cache")" = "700 $uid"
done
holds "nothing else is left" test "$(find "$work/temporary" -maxdepth 1 -name 'notelake-process-*' | wc -l)" = 1

kill_it $daemons
for name in nobody unknown; do holds "$name's outlives the kill of daemon's" answers $name; done
holds "daemon's folder is still there" test -n "$(folders_of $daemon)"
start nobody2 $nobody
until_it "nobody's second starts" runs nobody2
holds "nobody does not touch it" test -n "$(folders_of $daemon)"
left=$(folders_of $daemon)
start daemon2 $daemon
until_it "daemon's next starts" runs daemon2
holds "daemon's next removes it" test ! -e "$left"
holds "and what is running stays" answers nobody2

can_contain || { echo "this machine makes no namespaces: nothing shown of containers"; exit; }

# Two process namespaces: a process id of one says nothing in the other.
boxed() {
  local name=$1
  shift
  (exec "${contained[@]}" bash -c "$(declare -f as); $(declare -p work project node notelake daemon nobody unknown); as \"\$@\"" \
    bash $nobody "${notelake[@]}" practice "$@") >"$work/$name.log" 2>&1 &
  started=$!
}
dir=$work/home-$nobody/cloud
boxed box --dir "$dir"; box=$started
until_it "a practice cloud starts in a container" runs box
(as $nobody "${notelake[@]}" practice --dir "$dir") >"$work/second.log" 2>&1 && { echo "two clouds in one folder"; exit 1; }
holds "no second one gets its folder outside" grep -q "IN_USE" "$work/second.log"
boxed second2 --dir "$dir"
wait $started && { echo "two clouds in one folder"; exit 1; }
holds "nor in another container" grep -q "a practice cloud runs in $dir already: process 1 of" "$work/second2.log"
holds "and the first still answers" answers box
boxed temporary; boxed temporary2
for name in temporary temporary2; do until_it "$name starts in a container" runs $name; done
for name in temporary temporary2; do holds "$name's folder outlives the other's start" test -f "$(of $name 'CA certificate')"; done

before=$(of box 'CA certificate' && cat "$(of box 'CA certificate')" && sed -n '/Ctrl-C/!p' "$work/box.log")
kill_it $box
boxed box2 --dir "$dir"
until_it "the next starts where one was killed" runs box2
after=$(of box2 'CA certificate' && cat "$(of box2 'CA certificate')" && sed -n '/Ctrl-C/!p' "$work/box2.log")
holds "with the same settings, ports and certificates" test "$before" = "$after"
