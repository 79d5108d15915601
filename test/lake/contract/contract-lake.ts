import type { Lake } from "../../../src/lake/lake.ts";
import type { LakeFault } from "../../../src/practice/faults/lake-faults.ts";

/** An empty lake to try everything on. */
export interface ContractLake {
  readonly lake: Lake;
  /** Makes the next requests fail; gives back what ends that. */
  fail(fault: LakeFault): { remove(): void };
  close(): Promise<void>;
}
