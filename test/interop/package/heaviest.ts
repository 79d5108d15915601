import type { DataFrame } from "notelake";

/** The heaviest value of a column for each species, as a project of one's own would count it. */
export function heaviest(penguins: DataFrame): Map<string, number> {
  const weights = penguins.column("body_mass_g").values as (number | null)[];
  const found = new Map<string, number>();
  penguins.column("species").values.forEach((species, row) => {
    const weight = weights[row] ?? 0;
    if (weight > (found.get(String(species)) ?? 0)) found.set(String(species), weight);
  });
  return found;
}
