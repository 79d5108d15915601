import type { LakeEntry } from "../lake/lake.ts";
import { type Displayable, shownAs } from "../show/display.ts";
import { lakeTable } from "../show/table/lake-table.ts";

/**
 * A listing as an array, once its last entry has arrived. The value of a cell that ends in it is
 * a table with sizes that a person reads.
 */
export async function collect(
  listing: AsyncIterable<LakeEntry>,
): Promise<readonly LakeEntry[] & Displayable> {
  const entries: LakeEntry[] = [];
  for await (const entry of listing) entries.push(entry);
  return shownAs(entries, () => lakeTable(entries));
}
