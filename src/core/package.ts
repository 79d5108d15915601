import { readFileSync } from "node:fs";

/** What `package.json` says of this package. */
export function readPackage(): PackageFacts {
  return JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
}

export interface PackageFacts {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  /** `node` is a range such as `>=22.18`. */
  readonly engines: { readonly node: string };
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}
