import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { lockKeptFolder, missingIn } from "./cloud-folder.ts";
import { type AccountCheck, checkAccount, type Damage } from "./lake/index.ts";
import { LAKE, SEEDED, SNAPSHOTS } from "./snapshots/snapshot-folder.ts";

/** Result of `checkFolder`, for all accounts and snapshots. */
export interface FolderCheck extends AccountCheck {
  readonly accounts: number;
}

/**
 * Checks the folder of a practice cloud: databases and every byte of every file, of snapshots too.
 * It must not be running; nothing is changed.
 *
 * @throws PracticeError as `lockKeptFolder`
 */
export async function checkFolder(dir: string, signal: AbortSignal): Promise<FolderCheck> {
  const lock = lockKeptFolder(dir);
  try {
    const checks: AccountCheck[] = [{ files: 0, bytes: 0, damage: wrongFiles(dir), orphans: [] }];
    for (const { folder, name } of accountsIn(dir)) {
      checks.push(await checkAccount(folder, name, signal));
    }
    return {
      accounts: checks.length - 1,
      files: checks.reduce((sum, { files }) => sum + files, 0),
      bytes: checks.reduce((sum, { bytes }) => sum + bytes, 0),
      damage: checks.flatMap(({ damage }) => damage),
      orphans: checks.flatMap(({ orphans }) => orphans),
    };
  } finally {
    lock.release();
  }
}

/** Missing files beside the accounts, and invalid JSON. */
function wrongFiles(dir: string): Damage[] {
  const wrong = missingIn(dir).map((name) => `${join(dir, name)} is missing`);
  for (const name of readdirSync(dir).filter((name) => name.endsWith(".json"))) {
    try {
      JSON.parse(readFileSync(join(dir, name), "utf8"));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      wrong.push(`${join(dir, name)} is not JSON, or not all of it`);
    }
  }
  return wrong.map((what) => ({ path: undefined, what }));
}

/** All accounts, the current ones first. */
function accountsIn(dir: string): { folder: string; name: string }[] {
  const snapshots = namesIn(join(dir, SNAPSHOTS)).map((name) => ({
    lake: join(dir, SNAPSHOTS, name, LAKE),
    of: `snapshot ${name}: `,
  }));
  const lakes = [
    { lake: join(dir, "lake"), of: "" },
    { lake: join(dir, SEEDED, LAKE), of: "what it began with: " },
    ...snapshots,
  ];
  return lakes.flatMap(({ lake, of }) =>
    ["gen2", "gen1", "onelake"].flatMap((kind) =>
      namesIn(join(lake, kind)).map((name) => ({
        folder: join(lake, kind, name),
        name: of + name,
      })),
    ),
  );
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith(".")) : [];
}
