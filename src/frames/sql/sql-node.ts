/** A node of a statement as the engine parsed it. */
export interface SqlNode {
  readonly [key: string]: unknown;
  readonly type?: string;
}
