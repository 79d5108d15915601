import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeJwt } from "jose";
import { CLOUD_ENDPOINTS, type Cloud } from "../../src/core/cloud.ts";
import {
  type PracticeCloud,
  type PracticeOptions,
  startPractice,
} from "../../src/practice/index.ts";

/** A practice cloud, and how the package addresses it. */
export interface Practice {
  readonly practice: PracticeCloud;
  readonly cloud: Cloud;
}

export async function openPractice(options: PracticeOptions = {}): Promise<Practice> {
  // Nothing here reads a file of the lake, and an empty one is there sooner.
  const seed = mkdtempSync(join(tmpdir(), "notelake-seed-"));
  const practice = await startPractice({ seed, ...options }).finally(() => rmdirSync(seed));
  return { practice, cloud: cloudOf(practice) };
}

function cloudOf({ description }: PracticeCloud): Cloud {
  const { origin, port, pages, ca, programs } = description;
  const { tenantId, clientId, subscriptionId, account } = description;
  return {
    ...CLOUD_ENDPOINTS.public,
    kind: "practice",
    authority: origin,
    management: origin,
    tenantId,
    clientId,
    subscriptionId,
    account,
    loopback: { port, ca, metadata: pages, programs },
  };
}

/** The service that a token is for. */
export function audienceOf(token: string): string {
  return String(decodeJwt(token).aud);
}
