/**
 * An array for so many numbers, of doubles from its beginning: else it becomes one at the first fraction,
 * by a copy, and the garbage collector looks through all of it for objects.
 */
export function numberArray(rows: number): number[] {
  const values = [0.5];
  values.length = rows;
  return values;
}
