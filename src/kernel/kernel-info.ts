import { readPackage } from "../core/package.ts";
import { LANGUAGE } from "./kernelspec.ts";
import { PROTOCOL_VERSION } from "./wire.ts";

const { version } = readPackage();

/** Content of `kernel_info_reply`. */
export const KERNEL_INFO = {
  status: "ok",
  protocol_version: PROTOCOL_VERSION,
  implementation: "notelake",
  implementation_version: version,
  language_info: LANGUAGE,
  banner: `notelake ${version}: TypeScript ${LANGUAGE.version} on Node ${process.versions.node}`,
  help_links: [
    { text: "TypeScript", url: "https://www.typescriptlang.org/docs/" },
    { text: "Node.js", url: "https://nodejs.org/api/" },
    { text: "Azure Data Lake Storage", url: "https://learn.microsoft.com/azure/storage/blobs/" },
  ],
  debugger: false,
  supported_features: [],
};
