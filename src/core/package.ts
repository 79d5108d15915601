import { readFileSync } from "node:fs";

/** What `package.json` says of this package. */
export function readPackage(): PackageFacts {
  return JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
}

export interface PackageFacts {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}
