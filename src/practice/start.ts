import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAuthority } from "./authority/authority.ts";
import { DeviceCodes } from "./authority/device-codes.ts";
import { openSigningKey } from "./authority/keys.ts";
import { createTokenCheck } from "./authority/token-check.ts";
import { makeServerCertificate } from "./certificates.ts";
import { systemClock } from "./clock.ts";
import type { PracticeCloud, PracticeDescription, PracticeOptions } from "./description.ts";
import { NOTEBOOK_APP, SERVICE_APP } from "./directory/applications.ts";
import { findUser, USERS, type User } from "./directory/people.ts";
import { createRoleCheck, FIRST_ASSIGNMENTS } from "./directory/role-assignments.ts";
import { STORAGE_ACCOUNT, SUBSCRIPTION, TENANT } from "./directory/tenant.ts";
import { openPracticeLake } from "./lake/index.ts";
import { listen } from "./listener.ts";
import { createPages } from "./pages/pages.ts";
import { createRouter } from "./router.ts";
import { openSecrets } from "./secrets.ts";

const PACKAGE_DATA = join(import.meta.dirname, "../../data");

/**
 * Starts a practice cloud on 127.0.0.1.
 *
 * @throws RangeError when `approveDeviceCodesAs` names nobody
 * @throws the system's error when `port` is taken or `dir` cannot be written
 */
export async function startPractice(options: PracticeOptions = {}): Promise<PracticeCloud> {
  const approver = findApprover(options.approveDeviceCodesAs);
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), "notelake-practice-"));
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const parts: Part[] = [];
  const close = async () => {
    // The last one opened is the first one closed: listeners before what they serve.
    for (const part of parts.reverse()) await part.close();
    if (options.dir === undefined) removeFolder(dir);
  };
  try {
    const description = await openParts({ ...options, dir, approver }, parts);
    if (options.background) {
      for (const part of parts) part.unref?.();
      if (options.dir === undefined) process.once("exit", () => removeFolder(dir));
    }
    return { description, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Something that is open until the practice cloud closes. */
interface Part {
  close(): Promise<void>;
  /** Lets the process end although this is open. */
  unref?(): void;
}

interface OpenOptions {
  readonly dir: string;
  readonly seed?: string;
  readonly port?: number;
  readonly approver: User | undefined;
}

/** Opens each part, and adds it to `parts` as soon as it is there to be closed. */
async function openParts(options: OpenOptions, parts: Part[]): Promise<PracticeDescription> {
  const { dir, seed = PACKAGE_DATA, port = 0, approver } = options;
  const clock = systemClock;
  const secrets = await openSecrets(dir);
  const key = await openSigningKey(secrets.signingKey);
  const lake = await openPracticeLake({
    dir: join(dir, "lake"),
    seed,
    account: STORAGE_ACCOUNT,
    check: createTokenCheck(key, clock),
    roles: createRoleCheck(FIRST_ASSIGNMENTS),
  });
  parts.push(lake);
  const deviceCodes = new DeviceCodes(clock, approver);
  const pages = await listen(createPages({ deviceCodes }));
  parts.push(pages);
  const authority = createAuthority({
    tokens: { key, sealingKey: Buffer.from(secrets.sealingKey, "base64url"), clock },
    deviceCodes,
    clientSecret: secrets.clientSecret,
    clock,
    pages: pages.origin,
  });
  const tls = await makeServerCertificate(secrets.ca);
  const cloud = await listen(createRouter({ authority, lake }), { port, tls });
  parts.push(cloud);
  return {
    origin: cloud.origin,
    port: cloud.port,
    pages: pages.origin,
    ca: secrets.ca.certificate,
    tenantId: TENANT.id,
    subscriptionId: SUBSCRIPTION.id,
    account: STORAGE_ACCOUNT,
    clientId: NOTEBOOK_APP.clientId,
    users: USERS.map(({ upn }) => upn),
    service: { clientId: SERVICE_APP.clientId, clientSecret: secrets.clientSecret },
  };
}

function removeFolder(dir: string): void {
  rmSync(dir, { recursive: true, force: true });
}

function findApprover(name: string | undefined): User | undefined {
  if (name === undefined) return undefined;
  const user = findUser(name);
  if (!user) throw new RangeError(`nobody in the practice directory is called ${name}`);
  return user;
}
