import { execFileSync } from "node:child_process";
import { copyFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { bundleDanfo } from "./bundle-danfo.ts";
import { publishDanfoTypes } from "./danfo-types.ts";
import { packagesIn, writeLicences } from "./licences.ts";
import { vendor } from "./vendor.ts";

// Makes dist/ anew: JavaScript and declarations of all of src/, its WebAssembly, Danfo in one file, and
// copies of the packages that nobody should have to install.
const root = join(import.meta.dirname, "..");
const dist = join(root, "dist");
await rm(dist, { recursive: true, force: true });
const compiler = join(root, "node_modules/typescript/bin/tsc");
execFileSync(process.execPath, [compiler, "-p", "tsconfig.build.json"], {
  cwd: root,
  stdio: "inherit",
});
const program = "frames/read/plain-csv/rows.wasm";
await copyFile(join(root, "src", program), join(dist, program));
const bundles = await bundleDanfo(root, dist);
await publishDanfoTypes(root, dist);
const vendored = await vendor(root, dist);
const published = [...packagesIn(bundles), ...vendored];
await writeLicences(root, published, join(dist, "THIRD-PARTY-LICENSES.txt"));
