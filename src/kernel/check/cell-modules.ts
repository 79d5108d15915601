import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { readPackage } from "../../core/package.ts";
import { SOURCE_CONDITION } from "../kernelspec.ts";
import { packageRoot, typesRoot } from "./mirror-folder.ts";

const isSource = import.meta.url.endsWith(".ts");

/** Specifiers in cells that are resolved regardless of node_modules. */
export function cellModules(folder: string): Record<string, string> {
  const tslab = new URL(isSource ? "../run/tslab.ts" : "../run/tslab.d.ts", import.meta.url);
  return { ...ownModules(folder), tslab: fileURLToPath(tslab) };
}

/**
 * In a checkout, the package's own name resolves to its sources, as in Node.js, regardless of
 * node_modules: `{ notelake: "/…/src/index.ts", … }`. To their declarations when these are up to
 * date.
 */
function ownModules(folder: string): Record<string, string> {
  const root = packageRoot();
  if (!isSource || relative(root, folder).split(sep)[0] === "..") return {};
  const { name, exports } = readPackage();
  const types = typesRoot();
  return Object.fromEntries(
    Object.entries(exports).flatMap(([path, targets]) => {
      if (typeof targets === "string") return [];
      const file = targets[types === root ? SOURCE_CONDITION : "types"];
      return file ? [[join(name, path), join(types, file)]] : [];
    }),
  );
}
