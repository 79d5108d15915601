import { realpathSync } from "node:fs";

/**
 * The name under which a program stays where it is when the next version of it is installed.
 *
 * pnpm and Homebrew keep each version in a folder of its own and link to the present one:
 *
 *     app/node_modules/.pnpm/notelake@0.1.0/node_modules/notelake/…  →  app/node_modules/notelake/…
 *     /opt/homebrew/Cellar/node/24.1.0/bin/node                      →  /opt/homebrew/opt/node/bin/node
 */
export function lastingPath(path: string): string {
  const candidates = [
    path.replace(/([\\/]node_modules[\\/])\.pnpm[\\/][^\\/]+[\\/]node_modules[\\/]/, "$1"),
    path.replace(/[\\/]Cellar([\\/][^\\/]+)[\\/][^\\/]+/, "/opt$1"),
  ];
  return candidates.find((candidate) => candidate !== path && isSame(candidate, path)) ?? path;
}

function isSame(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    return false; // nothing of that name: a package that only another package depends on
  }
}
