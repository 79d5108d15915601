/**
 * An array for so many numbers, of doubles from its beginning: else it becomes one at the first fraction,
 * by a copy, and the garbage collector looks through all of it for objects.
 *
 * Only numbers may be put there, by a loop that fills no other arrays: of a loop that fills some with
 * nulls, too, V8 learns to make an object of each number in all of them.
 */
export function numberArray(rows: number): number[] {
  const values = [0.5];
  values.length = rows;
  return values;
}

/** Puts the first `rows` numbers into such an array, from `at` on. */
export function putNumbers(
  numbers: ArrayLike<number>,
  rows: number,
  values: number[],
  at: number,
): void {
  for (let row = 0; row < rows; row++) values[at + row] = numbers[row] as number;
}
