import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isTooOld, OLDEST_NODE } from "../../src/core/node-version.ts";

const root = join(import.meta.dirname, "../..");

test.each([
  ["22.17.1", true],
  ["20.19.5", true],
  ["9.22.0", true],
  ["22.18.0", false],
  ["22.20.1", false],
  ["24.0.0", false],
  ["100.0.0", false],
])("Node.js %s is too old: %s", (version, tooOld) => {
  expect(isTooOld(version)).toBe(tooOld);
});

test("README and package.json name the same version", () => {
  const { engines } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  expect(engines.node).toBe(`>=${OLDEST_NODE}`);
  const readme = readFileSync(join(root, "README.md"), "utf8");
  expect(readme).toMatch(new RegExp(`Node(\\.js)? ${OLDEST_NODE.replace(".", "\\.")} or later`));
});

/** Makes a process believe that it is an older Node.js, which had no SQLite. */
const PRETEND = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from "node:module";
  Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.19.5" } });
  registerHooks({
    resolve(name, context, next) {
      if (name === "node:sqlite") throw new Error("No such built-in module: node:sqlite");
      return next(name, context);
    },
  });`)}`;

function onOldNode(args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", PRETEND, "--conditions=notelake-source", ...args],
    { cwd: root, encoding: "utf8" },
  );
  return { status, stdout, stderr };
}

test.each([["doctor"], ["lab"], ["run"], ["practice"], ["kernel"], ["--help"]])(
  "notelake %s on an older one says so in one line, with the remedy",
  (command) => {
    expect(onOldNode(["src/notelake.js", command])).toEqual({
      status: 1,
      stdout: "",
      stderr:
        `notelake needs Node.js ${OLDEST_NODE} or later, and this is 20.19.5: install a newer ` +
        "one, or one for this folder alone with: npm install --save-dev node@24\n",
    });
  },
);

test.each(["notelake", "notelake/danfo", "notelake/practice", "notelake/vitest"])(
  "importing %s on an older one throws before anything else is loaded",
  (name) => {
    const program = `import(${JSON.stringify(name)}).catch((error) => console.log(String(error)))`;
    const { stdout } = onOldNode(["--input-type=module", "--eval", program]);
    expect(stdout).toBe(
      `NotelakeError [OLD_NODE]: notelake needs Node.js ${OLDEST_NODE} or later, ` +
        "and this is 20.19.5\n  Install a newer one, or one for this folder alone: " +
        "npm install --save-dev node@24\n",
    );
  },
);
