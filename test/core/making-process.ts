import { makeTemporaryFolder } from "../../src/core/temporary-folder.ts";

/** Makes a temporary folder and tells where; ends when it is told to. */
process.send?.(makeTemporaryFolder("test"));
process.once("message", () => process.exit());
