import { NotelakeError } from "./errors.ts";
import { isTooOld, OLDEST_NODE } from "./node-version.ts";

// The first import of each entry point, so that an old Node.js reports its version before something
// is missing. It must be able to link all that these modules import: take what Node.js 20 does not
// have off the default export of its module.
if (isTooOld(process.versions.node)) {
  throw new NotelakeError(
    "OLD_NODE",
    `notelake needs Node.js ${OLDEST_NODE} or later, and this is ${process.versions.node}`,
    { hint: "Install a newer one, or one for this folder alone: npm install --save-dev node@24" },
  );
}
