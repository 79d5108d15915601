import { NotelakeError } from "./errors.ts";
import { isTooOld, OLDEST_NODE } from "./node-version.ts";

// The first import of each module that others import the package by, so that an old Node.js ends
// here, and not where something is missing in it. For that it must be able to link all that they
// import: take what Node.js 20 does not have yet off the default export of its module.
if (isTooOld(process.versions.node)) {
  throw new NotelakeError(
    "OLD_NODE",
    `notelake needs Node.js ${OLDEST_NODE} or later, and this is ${process.versions.node}`,
    { hint: "Install a newer one, or one for this folder alone: npm install --save-dev node@24" },
  );
}
