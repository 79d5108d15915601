import { execFileSync } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { bundleDanfo } from "./bundle-danfo.ts";
import { publishDanfoTypes } from "./danfo-types.ts";
import { writeLicences } from "./licences.ts";

// Makes dist/ anew: JavaScript and declarations of all of src/, and Danfo in one file.
const root = join(import.meta.dirname, "..");
const dist = join(root, "dist");
await rm(dist, { recursive: true, force: true });
const compiler = join(root, "node_modules/typescript/bin/tsc");
execFileSync(process.execPath, [compiler, "-p", "tsconfig.build.json"], {
  cwd: root,
  stdio: "inherit",
});
const bundles = await bundleDanfo(root, dist);
await publishDanfoTypes(root, dist);
await writeLicences(root, bundles, join(dist, "THIRD-PARTY-LICENSES.txt"));
