// The one file that imports the dataframe library as it is published. The build puts a bundle in
// its place, which holds the library and what that needs, so that nobody has to install them.
import danfo from "danfojs-node";
import mathOps from "danfojs-node/dist/danfojs-base/core/math.ops.js";
import base from "danfojs-node/dist/danfojs-base/index.js";
import csvFiles from "danfojs-node/dist/danfojs-base/io/node/io.csv.js";
import excelFiles from "danfojs-node/dist/danfojs-base/io/node/io.excel.js";
import jsonFiles from "danfojs-node/dist/danfojs-base/io/node/io.json.js";
import concatenating from "danfojs-node/dist/danfojs-base/transformers/concat.js";
import merging from "danfojs-node/dist/danfojs-base/transformers/merge.js";
import type { DanfoInternals } from "./patches/danfo-internals.ts";

export { danfo };

/** What is inside of the library, where its own modules look it up. */
export const internals = {
  arithmetic: mathOps,
  merging,
  concatenating,
  exported: base,
  csv: csvFiles,
  excel: excelFiles,
  json: jsonFiles,
} as unknown as DanfoInternals;
