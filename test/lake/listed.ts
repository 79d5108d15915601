import type { Lake } from "../../src/lake/lake.ts";
import { collect } from "./practice-cloud.ts";

/** The paths that a pattern finds. */
export async function pathsIn(lake: Pick<Lake, "list">, pattern?: string): Promise<string[]> {
  return (await collect(lake.list(pattern))).map(({ path }) => path);
}

/** All below a directory, hidden names too: nothing may be left behind there. */
export function everythingIn(lake: Lake, directory: string): Promise<string[]> {
  return pathsIn(lake, `${directory}/{*,.*}`);
}
