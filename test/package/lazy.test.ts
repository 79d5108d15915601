import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

/** Packages that are loaded when something first needs them. */
const LATER = [
  "danfojs-node",
  "mathjs",
  "@observablehq/plot",
  "linkedom",
  "@bufbuild/protobuf",
  "@connectrpc/connect",
  "apache-arrow",
  "@e965/xlsx",
  "@peculiar/x509",
  "node-forge",
  "typescript",
  "esbuild",
  "zeromq",
  "vitest",
];

const PROGRAM = `
  import { registerHooks } from "node:module";
  const urls = [];
  registerHooks({ load: (url, context, next) => (urls.push(url), next(url, context)) });
  await import("notelake");
  console.log(urls.join("\\n"));`;

test("importing notelake loads neither the dataframe library nor others that may not be needed", () => {
  const flags = ["--conditions=notelake-source", "--input-type=module", "--eval", PROGRAM];
  const cwd = join(import.meta.dirname, "../..");
  const urls = execFileSync(process.execPath, flags, { cwd, encoding: "utf8" }).split("\n");
  const loaded = urls.flatMap((url) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []);
  expect(loaded).toContain("@azure/identity");
  expect(LATER.filter((name) => loaded.includes(name))).toEqual([]);
  expect(urls.filter((url) => url.includes("/src/practice/"))).toEqual([]);
});
