import { CLOUD_ENDPOINTS, type Cloud } from "../../src/core/cloud.ts";
import type { Lake } from "../../src/lake/lake.ts";
import { openLakeIn } from "../../src/lake/open-lake-in.ts";
import { type Person, type ServedLake, serveLake } from "../practice-lake/served-lake.ts";
import { type AlteringProxy, startAlteringProxy } from "./altering-proxy.ts";

const NAMES = Array.from({ length: 12 }, (_, n) => `data/${String(n).padStart(2, "0")}.csv`);
export const SEEDS = Object.fromEntries(NAMES.map((name) => [name, `a,b\n${name},2\n`]));
export const BIG = Buffer.alloc(600_000, "0123456789abcdef-");

/** A lake as it is, and the same with someone in between. */
export interface Rig {
  readonly direct: Lake;
  readonly lake: Lake;
  readonly between: AlteringProxy;
  /** Scopes that a token was asked for. */
  readonly scopes: Set<string>;
  close(): Promise<void>;
}

/** @param idle milliseconds without a byte until a connection counts as lost */
export async function openRig(generation: 1 | 2, idle = 3000): Promise<Rig> {
  const served: ServedLake = await serveLake({ "raw/seed": "x" });
  if (generation === 1) await served.lake.createAccount("oldlake", "gen1");
  const between = await startAlteringProxy(served);
  const url =
    generation === 1
      ? "adl://oldlake.azuredatalakestore.net/"
      : "abfss://raw@contosolake.dfs.core.windows.net/";
  const person: Person = generation === 1 ? "ada" : "owner";
  const scopes = new Set<string>();
  const credential = {
    getToken: async (scope: string | string[]) => {
      scopes.add(String(scope));
      return { token: person, expiresOnTimestamp: Date.now() + 3_600_000 };
    },
  };
  const open = ({ port, ca }: { port: number; ca: string }) => {
    const loopback = { port, ca, metadata: "http://127.0.0.1:1" };
    const cloud: Cloud = { ...CLOUD_ENDPOINTS.public, kind: "practice", loopback };
    const retryPolicy = { tries: 2, firstWait: 1, idle };
    return openLakeIn(cloud, url, { credential, retryPolicy });
  };
  const direct = open(served);
  for (const [path, text] of Object.entries(SEEDS)) await direct.write(path, text);
  await direct.write("big.bin", BIG);
  await direct.mkdir("empty");
  const close = async () => {
    await between.close();
    await served.close();
  };
  return { direct, lake: open(between), between, scopes, close };
}
