/** Whether a cell has a value: null, undefined and NaN are none to Danfo. */
export function isKnown(value: unknown): boolean {
  return value !== null && value !== undefined && !Number.isNaN(value);
}
