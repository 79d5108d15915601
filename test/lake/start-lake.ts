import { CLOUD_ENDPOINTS, type Cloud } from "../../src/core/cloud.ts";
import { openLakeIn } from "../../src/lake/open-lake-in.ts";
import { type Person, serveLake } from "../practice-lake/served-lake.ts";
import type { ContractLake } from "./contract/contract-lake.ts";

/** An empty lake of either generation behind a server of its own. */
export async function startLake(generation: 1 | 2): Promise<ContractLake> {
  const served = await serveLake({ "raw/seed": "x" });
  const { port, ca } = served;
  const loopback = { port, ca, metadata: "http://127.0.0.1:1" };
  const cloud: Cloud = { ...CLOUD_ENDPOINTS.public, kind: "practice", loopback };
  if (generation === 1) await served.lake.createAccount("oldlake", "gen1");
  const url =
    generation === 1
      ? "adl://oldlake.azuredatalakestore.net/"
      : "abfss://raw@contosolake.dfs.core.windows.net/";
  // There, a token is the name of a person; in Gen1 the account's Owner may do everything.
  const person: Person = generation === 1 ? "ada" : "owner";
  const credential = {
    getToken: async () => ({ token: person, expiresOnTimestamp: Date.now() + 3_600_000 }),
  };
  const retryPolicy = { tries: 3, firstWait: 5, idle: 10_000 };
  return {
    lake: openLakeIn(cloud, url, { credential, retryPolicy }),
    fail: (fault) => served.lake.faults.add(fault),
    close: () => served.close(),
  };
}
