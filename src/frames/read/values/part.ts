/** Consecutive rows of one column. */
export interface Part {
  readonly rows: number;
  /** Numbers of at most 32 bits, or floats, one a row; of the engine's booleans 1 or 0. */
  readonly items: ArrayLike<number>;
  /** 64-bit integers as pairs of a lower and an upper half. */
  readonly halves: Int32Array;
  /** 16 bytes a text: its length, then all of it if it has at most 12 bytes. */
  readonly texts: DataView | undefined;
  /** One bit a row, set where there is a value; undefined if there is one everywhere. */
  readonly valid: Uint8Array | undefined;
  readonly nulls: number;
  /** The value of one row, or null. */
  valueAt(row: number): unknown;
  /** Lets go of copies that were made to read the rows: nothing read before may be used after. */
  release(): void;
  /**
   * The same, but leaves the copies to the garbage collector: they are all that tells it how much
   * memory of the engine is to be given back with frames that nobody has any more.
   */
  drop(): void;
}

/** Whether a row has a value, by the bits of its part. */
export function isValid(valid: Uint8Array | undefined, row: number): boolean {
  return valid === undefined || ((valid[row >> 3] ?? 0) & (1 << (row & 7))) !== 0;
}

export function countNulls(valid: Uint8Array | undefined, rows: number): number {
  if (!valid) return 0;
  let nulls = 0;
  for (let row = 0; row < rows; row++) if (!isValid(valid, row)) nulls += 1;
  return nulls;
}
