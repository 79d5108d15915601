/** Whether a cell has no value: null, undefined and NaN are none. */
export function isMissing(value: unknown): boolean {
  return value === null || value === undefined || Number.isNaN(value);
}
