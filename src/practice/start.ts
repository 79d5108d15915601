import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAuthority } from "./authority/authority.ts";
import { DeviceCodes } from "./authority/device-codes.ts";
import { openSigningKey } from "./authority/keys.ts";
import { makeServerCertificate } from "./certificates.ts";
import { systemClock } from "./clock.ts";
import type { PracticeCloud, PracticeDescription, PracticeOptions } from "./description.ts";
import { NOTEBOOK_APP, SERVICE_APP } from "./directory/applications.ts";
import { findUser, USERS, type User } from "./directory/people.ts";
import { STORAGE_ACCOUNT, SUBSCRIPTION, TENANT } from "./directory/tenant.ts";
import { type Exchange, type Handler, sendJson } from "./exchange.ts";
import { type Listener, listen } from "./listener.ts";
import { createPages } from "./pages/pages.ts";
import { route } from "./routes.ts";
import { openSecrets } from "./secrets.ts";

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
  const listeners: Listener[] = [];
  const close = async () => {
    await Promise.all(listeners.map((listener) => listener.close()));
    if (options.dir === undefined) rmSync(dir, { recursive: true, force: true });
  };
  try {
    const description = await openListeners(dir, options.port, approver, listeners);
    return { description, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openListeners(
  dir: string,
  port: number | undefined,
  approver: User | undefined,
  listeners: Listener[],
): Promise<PracticeDescription> {
  const secrets = await openSecrets(dir);
  const clock = systemClock;
  const deviceCodes = new DeviceCodes(clock, approver);
  const pages = await listen(createPages({ deviceCodes }), {});
  listeners.push(pages);
  const key = await openSigningKey(secrets.signingKey);
  const sealingKey = Buffer.from(secrets.sealingKey, "base64url");
  const authority = createAuthority({
    tokens: { key, sealingKey, clock },
    deviceCodes,
    clientSecret: secrets.clientSecret,
    clock,
    pages: pages.origin,
  });
  const tls = await makeServerCertificate(secrets.ca);
  const cloud = await listen(createRouter({ authority }), { ...(port && { port }), tls });
  listeners.push(cloud);
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

function createRouter(parts: { authority: Handler }): Handler {
  return async (exchange) => {
    const [path = "/"] = (exchange.request.url ?? "/").split("?", 1);
    const found = route(exchange.url.hostname, path);
    if (found.part === "authority") await parts.authority(exchange);
    else notServed(exchange);
  };
}

function notServed({ response, url }: Exchange): void {
  sendJson(response, 501, {
    error: { code: "NotImplemented", message: `The practice cloud does not serve ${url.host}.` },
  });
}

function findApprover(name: string | undefined): User | undefined {
  if (name === undefined) return undefined;
  const user = findUser(name);
  if (!user) throw new RangeError(`nobody in the practice directory is called ${name}`);
  return user;
}
