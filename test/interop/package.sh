#!/usr/bin/env bash
# The package in somebody else's project: packed, and installed by npm and by pnpm, on the oldest
# Node.js that it promises to run on and on a new one. What people do with it is shown on all four,
# what it consists of for npm on the new one.
source "$(dirname "$0")/support/work.sh"

fixtures=$PWD/test/interop/package contributing=$PWD/CONTRIBUTING.md
oldest=$(node -p 'require("./package.json").engines.node.replace(">=", "")')
outside=${PATH#*:}

pack_notelake
for version in 20 "$oldest.0" 26; do
  npm install --silent --no-save --prefix "$work/node-${version%%.*}" "node@$version"
done
npm install --silent --no-save --ignore-scripts --prefix "$work/pnpm" pnpm@12
cd "$work"
# Nothing of this machine's decides for the projects, and the store of pnpm ends with this script.
export npm_config_userconfig=$work/npmrc pnpm_config_store_dir=$work/store
touch "$npm_config_userconfig"

# project INSTALLER NODE : enters a new project, where that Node.js runs everything.
project() {
  installer=$1
  export PATH="$work/node-$2/node_modules/.bin:$work/pnpm/node_modules/.bin:$outside"
  case $(node --version) in v"$2".*) ;; *) echo "there is no Node.js $2"; exit 1 ;; esac
  mkdir "$work/$1-$2"
  cd "$work/$1-$2"
  echo '{ "name": "somebody-elses", "private": true, "type": "module" }' >package.json
  cp "$fixtures"/* .
  echo "== $1, Node.js $(node --version)"
}

# add PACKAGE... : as people do it, without an option.
add() {
  case $installer in
    npm) npm install --no-fund --no-audit "$@" ;;
    pnpm) pnpm add --reporter=append-only "$@" ;;
  esac >add.log 2>&1 || { cat add.log; return 1; }
}

notelake() { node_modules/.bin/notelake "$@"; }
light() { [ "$(du -sm node_modules | cut -f1)" -lt 300 ]; }

# What an older Node.js is told: that it is too old, and nothing but that.
refused() {
  local told
  ! told=$("$work/node-20/node_modules/.bin/node" "$@" 2>&1) || return 1
  [[ $(wc -l <<<"$told") -eq 1 ]] && [[ $told == "notelake needs Node.js $oldest or later, and this is 20."* ]]
}
import_refused() {
  refused --eval "import('$1').catch(({ message }) => {
    console.log(message.replace(/\n\s*/, ': '));
    process.exitCode = 1;
  })"
}

# The table of weights in CONTRIBUTING.md is right to a tenth, or to 3 MB.
weights_as_told() {
  sed -n 's/^| \(`[^|]*`\) | \([0-9]*\) | .*/\2 \1/p' "$contributing" | tr -d '`,' >weights
  [ "$(wc -l <weights)" -gt 5 ] || return 1
  while read -r told names; do
    # shellcheck disable=SC2086
    found=$(cd node_modules && du -smc $names | tail -1 | cut -f1)
    off=$((found > told ? found - told : told - found))
    [ $off -le $((told > 30 ? told / 10 : 3)) ] || { echo "$names: $found MB, not $told"; return 1; }
  done <weights
}

# Nothing is locked to an address of its own but the tarball, and nothing has a script to run.
plain() {
  node -e '
    const { packages } = JSON.parse(require("node:fs").readFileSync("package-lock.json", "utf8"));
    const odd = Object.entries(packages).filter(([, { resolved = "file:", hasInstallScript }]) =>
      hasInstallScript || !resolved.startsWith("file:"));
    for (const [name, { resolved }] of odd) console.log(name, resolved);
    process.exitCode = odd.length > 0 ? 1 : 0;'
}

# Packages that the dataframe library would bring along, which nobody maintains or which have holes.
abandoned() {
  find node_modules -type d -path "*node_modules/*" \
    -regex '.*/node_modules/\(request\|har-validator\|mathjs\|node-fetch\|tslab\|cmake-ts\)' | grep .
}

compiled() {
  node node_modules/typescript/bin/tsc --noEmit --strict --exactOptionalPropertyTypes "$@" \
    --module nodenext --target es2024 --types node --allowImportingTsExtensions types.ts heaviest.ts
}

# The kernel as Jupyter starts it: by the command in its kernelspec, in a folder of its own choice.
kernel_installed() {
  notelake kernel install --prefix jupyter >/dev/null &&
    notelake kernel list | grep -q notelake &&
    test -f jupyter/share/jupyter/kernels/notelake/kernel.json
}

# A new project, with this tarball in place of the version that it asks the registry for.
new_project() {
  notelake new new-project >/dev/null && cd new-project || return 1
  node -e '
    const fs = require("node:fs");
    const facts = JSON.parse(fs.readFileSync("package.json", "utf8"));
    facts.dependencies.notelake = process.argv[1];
    fs.writeFileSync("package.json", JSON.stringify(facts));' "file:$tarball"
  case $installer in
    npm) npm install --no-fund --no-audit --silent ;;
    pnpm) pnpm install --reporter=silent ;;
  esac && npm run --silent check && npm test
  local code=$?
  cd ..
  return $code
}

# A notebook with parameters and one with stored outputs, in two projects of Vitest: a report in JUnit,
# and coverage of the source that only a notebook runs.
tested_by_vitest() {
  node_modules/.bin/vitest run --coverage --reporter=verbose --reporter=junit --outputFile=junit.xml || return 1
  grep -q '<testcase classname="parameters.ipynb" name="cell 3: ' junit.xml &&
    grep -q '<testcase classname="own.ipynb" name="cell ' junit.xml &&
    node -e '
      const summary = JSON.parse(require("node:fs").readFileSync("coverage/coverage-summary.json", "utf8"));
      const { statements, branches } = summary.total;
      console.log(statements, branches);
      process.exitCode = statements.pct === 100 && branches.pct === 50 ? 0 : 1;'
}
parameters_given() {
  notelake run parameters.ipynb -p days=30 --reporter junit=run.xml &&
    grep -q 'tests="3" failures="0" errors="0" skipped="1"' run.xml &&
    ! notelake run parameters.ipynb -p days=many >refused.log &&
    grep -q "the parameter days cannot be \"many\": Type 'string' is not assignable" refused.log
}

# Above its results stands nothing that is not of the test.
tested_by_node() { node --test practice.mjs 2>&1 | tee practice.log && ! grep -i warning practice.log; }

# What people do with it.
used() {
  holds "notelake --version runs" notelake --version
  holds "the kernel can be installed" kernel_installed
  holds "Danfo is the bundled one, and complete" node danfo.mjs
  holds "plain CSV is parsed by the compiled parser" node plain-csv.mjs
  holds "a notebook of one's own runs" notelake run own.ipynb --check
  cp node_modules/notelake/notebooks/*.ipynb .
  holds "notebooks 01, 07 and 09 run" notelake run 01-*.ipynb 07-*.ipynb 09-*.ipynb --check
  rm [0-9]*.ipynb
  holds "the Vitest plug-in makes tests of its cells" tested_by_vitest
  holds "parameters have values of the right type" parameters_given
  holds "a test in node:test has a practice cloud, and no warning" tested_by_node
  holds "notelake new makes a project that passes its own tests" new_project
}

own="p-limit@7 @azure/storage-file-datalake@12 @types/node@22 typescript@7.0.2 vitest@5 @vitest/coverage-v8@5"

project npm 26
export npm_config_omit_lockfile_registry_resolved=true
add "$tarball"
holds "npm installs it, $(du -sm node_modules | cut -f1) MB of at most 300" light
holds "of which CONTRIBUTING.md tells the parts" weights_as_told
holds "npm has nothing to warn of" eval '! grep -i warn add.log'
holds "from the registry alone, without a script to run" plain
holds "and nothing that nobody maintains" eval '! abandoned'
# shellcheck disable=SC2086
add $own
holds "its types resolve" compiled --skipLibCheck true
holds "its types resolve, those of packages checked too" compiled --skipLibCheck false
used
for command in --help lab run practice kernel new doctor; do
  holds "Node.js 20 is refused: notelake $command" refused node_modules/notelake/src/notelake.js "$command"
done
for name in notelake notelake/danfo notelake/vitest notelake/practice notelake/spark; do
  holds "Node.js 20 is refused: import $name" import_refused "$name"
done

for other in "npm 22" "pnpm 26" "pnpm 22"; do
  # shellcheck disable=SC2086
  project $other
  # shellcheck disable=SC2086
  add "$tarball" $own
  used
done
