import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, readdir, readFile, utimes } from "node:fs/promises";
import { join } from "node:path";
import { compare, plantSmall, type Rig, report, startRig } from "./rig.ts";

// AZCOPY=… node --expose-gc test/bench/sync.bench.ts
// A folder of 10,000 files that is the same in the lake, looked through by `syncUp`, by `syncDown`,
// by Debian's rclone, which is told to compare sizes alone, and by AzCopy of npm's
// @azure-tools/azcopy-linux, whose program AZCOPY names. The last two start a process each time.

const DIRECTORIES = Number(process.env.DIRECTORIES ?? 100);
const FILES = Number(process.env.FILES ?? 100);

async function main(): Promise<void> {
  const rig = await startRig((seed) => plantSmall(seed, DIRECTORIES, FILES));
  try {
    const local = join(rig.folder, "local");
    await cp(join(rig.folder, "seed", "raw", "small"), local, { recursive: true });
    await setTimes(local, new Date(Date.now() - 3_600_000));
    const up = () => expectSame(rig.lake.syncUp(local, "small", { dryRun: true }));
    // Those that were fetched have the times of the lake.
    const down = join(rig.folder, "down");
    await cp(join(rig.folder, "seed", "raw", "small"), down, {
      recursive: true,
      preserveTimestamps: true,
    });
    const program = process.env.AZCOPY;
    const costs = await compare(7, {
      ...(program && {
        "azcopy sync --dry-run": () => azcopy(rig, program, local),
      }),
      "rclone check": () => rclone(rig, ["check", "--size-only", local, "lake:raw/small"]),
      "rclone sync --dry-run": () =>
        rclone(rig, ["sync", "--dry-run", "--size-only", local, "lake:raw/small"]),
      "syncUp, dry run": up,
      syncUp: () => expectSame(rig.lake.syncUp(local, "small")),
      syncDown: () => expectSame(rig.lake.syncDown("small", down)),
    });
    report(`sync ${DIRECTORIES * FILES} files with nothing changed`, costs);
  } finally {
    await rig.close();
  }
}

async function expectSame(
  result: Promise<{ readonly same: number; readonly changes: readonly object[] }>,
): Promise<void> {
  const { same, changes } = await result;
  if (same === DIRECTORIES * FILES && changes.length === 0) return;
  throw new Error(`${changes.length} changes, ${same} the same`);
}

async function setTimes(folder: string, time: Date): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) await utimes(join(entry.parentPath, entry.name), time, time);
  }
}

async function rclone({ description }: Rig, args: readonly string[]): Promise<void> {
  const key = (await readFile(description.keyFiles.accountKey, "utf8")).trim();
  await run("rclone", [...args, "--quiet"], {
    HTTPS_PROXY: description.pages,
    SSL_CERT_FILE: description.caFile,
    RCLONE_CONFIG: "/dev/null",
    RCLONE_CONFIG_LAKE_TYPE: "azureblob",
    RCLONE_CONFIG_LAKE_ACCOUNT: description.account,
    RCLONE_CONFIG_LAKE_KEY: key,
  });
}

function azcopy({ description, folder }: Rig, program: string, local: string): Promise<void> {
  const url = `https://${description.account}.blob.core.windows.net/raw/small`;
  return run(program, ["sync", local, url, "--dry-run"], {
    HTTPS_PROXY: description.pages,
    SSL_CERT_FILE: description.caFile,
    AZCOPY_AUTO_LOGIN_TYPE: "SPN",
    AZCOPY_SPA_APPLICATION_ID: description.service.clientId,
    AZCOPY_SPA_CERT_PATH: description.certificateFile,
    AZCOPY_TENANT_ID: description.tenantId,
    AZCOPY_LOG_LOCATION: folder,
    AZCOPY_JOB_PLAN_LOCATION: folder,
  });
}

async function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv) {
  const child = spawn(program, args, {
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`${program} ${args[0]} ended with ${code}`);
}

void main();
