import type { DataFrame } from "notelake";

/** The mean of one group's values. */
export interface GroupMean {
  group: string;
  /** How many values there are; missing ones do not count. */
  count: number;
  mean: number;
}

/**
 * The mean of a column for each value of another column, in the order in which they appear.
 *
 *     meanBy(penguins, "species", "body_mass_g");   // [{ group: "Adelie", count: 151, mean: 3700.66 }, …]
 */
export function meanBy(frame: DataFrame, groups: string, values: string): GroupMean[] {
  const numbers = frame.column(values).values as (number | null)[];
  const sums = new Map<string, { count: number; sum: number }>();
  frame.column(groups).values.forEach((group, row) => {
    const number = numbers[row];
    if (number === null || number === undefined) return;
    const { count, sum } = sums.get(String(group)) ?? { count: 0, sum: 0 };
    sums.set(String(group), { count: count + 1, sum: sum + number });
  });
  return Array.from(sums, ([group, { count, sum }]) => ({ group, count, mean: sum / count }));
}
