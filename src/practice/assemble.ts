import { existsSync } from "node:fs";
import { join } from "node:path";
import { createAuthority } from "./authority/authority.ts";
import { AuthorizationCodes } from "./authority/authorization-codes.ts";
import { createCredential } from "./authority/credentials.ts";
import { DeviceCodes } from "./authority/device-codes.ts";
import { createFederation, keepFederatedToken } from "./authority/federation.ts";
import { openSigningKey } from "./authority/signing-key.ts";
import { createTokenCheck } from "./authority/token-check.ts";
import { type KeyedCertificate, makeAuthority, makeServerCertificate } from "./certificates.ts";
import { createClock } from "./clock.ts";
import type { CloudPorts } from "./cloud-folder.ts";
import type { PracticeCloud } from "./description.ts";
import { NOTEBOOK_APP, SERVICE_APP } from "./directory/applications.ts";
import { SYSTEM_IDENTITY, USER_IDENTITY } from "./directory/managed-identities.ts";
import { USERS, type User } from "./directory/people.ts";
import { findPrincipal, workspaceRoleOf } from "./directory/principals.ts";
import { GROUPS, groupsOf } from "./directory/security-groups.ts";
import { ARCHIVE, STORAGE_ACCOUNT, SUBSCRIPTION, TENANT } from "./directory/tenant.ts";
import type { Handler } from "./exchange.ts";
import { Faults } from "./faults/faults.ts";
import { HostProxy } from "./host-proxy.ts";
import { createHttpClient } from "./http-client.ts";
import { openPracticeLake } from "./lake/index.ts";
import { type Listener, listen, type Part } from "./listener.ts";
import { createFirewall } from "./management/firewall.ts";
import { Records } from "./management/records.ts";
import { createManagement } from "./management/resource-manager.ts";
import { createFullId, createRoleCheck } from "./management/role-checks.ts";
import { openBlackHole } from "./metadata/black-hole.ts";
import { APP_SERVICE_PATH } from "./metadata/endpoints.ts";
import { CONTROLS_PATH, createPages, isBelow } from "./pages/create-pages.ts";
import { damaged } from "./practice-error.ts";
import { writePrivate } from "./private-file.ts";
import { Programs } from "./programs/installed-programs.ts";
import { RequestLog } from "./requests/request-log.ts";
import { createRouter } from "./router.ts";
import { announceSecret, openSecrets, type PracticeSecrets } from "./secrets.ts";
import { clientEnvironment, clientSettings } from "./settings/client-settings.ts";
import { keepDescription, keepKeyFiles } from "./settings/key-files.ts";
import { finishSnapshots } from "./snapshots/snapshot-folder.ts";
import { Snapshots } from "./snapshots/snapshots.ts";
import { Traffic } from "./traffic.ts";

/** What a practice cloud is made with. */
export interface AssembleOptions {
  readonly dir: string;
  readonly seed: string;
  /** For https; undefined for the one of the last run, or any. */
  readonly port: number | undefined;
  /** Ports of the last run. */
  readonly ports: CloudPorts | undefined;
  readonly approver: User | undefined;
  /** How many requests the log keeps. */
  readonly requestLog: number | undefined;
}

/** Opens each part, and adds it to `parts` as soon as it is there to be closed. */
export async function assemble(
  { dir, seed, port, ports, approver, requestLog }: AssembleOptions,
  parts: Part[],
): Promise<
  Omit<PracticeCloud, "close" | typeof Symbol.asyncDispose> & { readonly ports: CloudPorts }
> {
  const faults = new Faults();
  const clock = createClock(faults);
  const secrets = await openSecrets(dir);
  const key = await openSigningKey(secrets.signingKey);
  const sealingKey = Buffer.from(secrets.sealingKey, "base64url");
  const tokens = { key, sealingKey, clock, faults };
  const check = createTokenCheck(key, clock, faults);
  await finishSnapshots(dir);
  const isNew = !existsSync(join(dir, "lake"));
  const records = new Records(dir);
  if (ports) refuseLostAccounts(join(dir, "lake"), records);
  const archiveSeed = join(seed, "Archive");
  const lake = openPracticeLake({
    dir: join(dir, "lake"),
    seed,
    oneLakeSeed: join(seed, "OneLake"),
    account: STORAGE_ACCOUNT,
    archive: { name: ARCHIVE.account, seed: existsSync(archiveSeed) ? archiveSeed : undefined },
    check,
    roles: createRoleCheck(records),
    groupsOf,
    workspaceRoleOf,
    nameOf,
    blockedBy: createFirewall(records),
    fullId: createFullId(records),
  });
  parts.push(lake);
  faults.forwardTo(lake.faults);

  // The ports are known once both listeners are open, and what they serve names them.
  const served: { pages?: Handler; cloud?: Handler; proxy?: HostProxy } = {};
  const pages = await listen(async (exchange) => served.pages?.(exchange), {
    preferredPort: ports?.pages,
    clock,
    onConnect: (...connect) => served.proxy?.answer(...connect),
  });
  parts.push(pages);
  const laptop = await openBlackHole(ports?.laptop);
  parts.push(laptop);
  const tls = secrets.server;
  const cloud = await listen(async (exchange) => served.cloud?.(exchange), {
    port,
    preferredPort: ports?.cloud,
    tls,
    clock,
  });
  parts.push(cloud);
  faults.onChange(await switchCertificate(faults, cloud, tls));

  const deviceCodes = new DeviceCodes(clock, faults, approver);
  const authorizationCodes = new AuthorizationCodes(clock);
  const federation = createFederation(cloud.origin, await openSigningKey(secrets.federationKey));
  const federatedToken = await keepFederatedToken(dir, federation);
  parts.push(federatedToken);
  const { clientSecret, identityHeader, ca } = secrets;
  const { certificate } = secrets.clientCertificate;
  const trust = { clientSecret, certificate, federation, clock, faults };
  const authority = createAuthority({
    tokens,
    deviceCodes,
    authorizationCodes,
    trust,
    clock,
    faults,
    pages: pages.origin,
  });
  const caFile = writeFileOf(dir, "ca.pem", ca);
  const programs = new Programs({
    dir,
    origin: cloud.origin,
    caFile,
    seal: { sealingKey, clock },
  });
  const keys = keepKeyFiles({
    dir,
    account: STORAGE_ACCOUNT,
    clientSecret,
    accountKey: () => lake.keys(STORAGE_ACCOUNT)?.key1 ?? "",
  });
  const regenerateKey: typeof lake.regenerateKey = (...key) => {
    lake.regenerateKey(...key);
    keys.refresh();
  };
  const management = createManagement({
    records,
    check,
    faults,
    lake: { ...lake, regenerateKey },
  });
  const traffic = new Traffic();
  const numbers = new Map<string, string>();
  const pending = {
    snapshot: () => undefined,
    restore: () => {
      numbers.clear();
      keys.refresh();
    },
  };
  const requests = new RequestLog(requestLog);
  const proxy = new HostProxy(cloud.port, requests);
  parts.push(proxy);
  served.proxy = proxy;
  const memory = { requests, pending, records, faults, deviceCodes, authorizationCodes, programs };
  const snapshots = new Snapshots({ dir, lake, memory, traffic });
  parts.push(snapshots);
  if (isNew) snapshots.keepSeeded();
  const answerPages = createPages({
    tokens,
    identityHeader,
    deviceCodes,
    authorizationCodes,
    faults,
    programs,
    approver,
    numbers,
    snapshots,
    requests,
  });
  const guarded = traffic.guard(requests.watch(answerPages));
  const router = createRouter({
    authority,
    management,
    lake,
    federation,
    zoneOf: (account) => records.findAccount("gen2", account)?.zone,
  });
  served.cloud = traffic.guard(requests.watch(router));
  // A reset does not wait for itself to end.
  served.pages = async (exchange) =>
    isBelow(CONTROLS_PATH, exchange.url.pathname) ? answerPages(exchange) : guarded(exchange);
  const description = {
    origin: cloud.origin,
    port: cloud.port,
    pages: pages.origin,
    ca,
    caFile,
    tenantId: TENANT.id,
    subscriptionId: SUBSCRIPTION.id,
    account: STORAGE_ACCOUNT,
    clientId: NOTEBOOK_APP.clientId,
    users: USERS.map(({ upn }) => upn),
    groups: GROUPS.map(({ id, name, members }) => ({ id, name, members: members.map(nameOf) })),
    service: { clientId: SERVICE_APP.clientId, clientSecret },
    certificateFile: writeCertificate(dir, secrets),
    federatedTokenFile: federatedToken.file,
    keyFiles: keys.files,
    programs: programs.folder,
    metadata: { laptop: laptop.origin, virtualMachine: pages.origin },
    identities: { system: SYSTEM_IDENTITY, user: USER_IDENTITY },
    appService: { endpoint: pages.origin + APP_SERVICE_PATH, header: identityHeader },
  };
  const httpClient = createHttpClient({ port: cloud.port, ca, metadata: pages.origin });
  parts.push(httpClient);
  const settings = keepDescription(join(dir, "practice.json"), description);
  parts.push(settings);
  return {
    description,
    settingsFile: settings.file,
    httpClient: httpClient.client,
    environment: clientEnvironment(description),
    clientSettings: clientSettings(description),
    faults,
    programs,
    requests,
    reset: () => snapshots.reset(),
    save: (name) => snapshots.save(name),
    restore: (name) => snapshots.restore(name),
    snapshots: () => snapshots.list(),
    removeSnapshot: (name) => snapshots.remove(name),
    credential: (name) => createCredential(tokens, name, cloud.origin),
    accountKeys: (account = STORAGE_ACCOUNT) => {
      const keys = lake.keys(account);
      if (keys) {
        announceSecret("account key", keys.key1);
        announceSecret("account key", keys.key2);
        return keys;
      }
      throw new RangeError(`the practice cloud has no Gen2 account called ${account}`);
    },
    ports: { cloud: cloud.port, pages: pages.port, laptop: laptop.port },
  };
}

function nameOf(id: string): string {
  return findPrincipal(id)?.name ?? id;
}

/** An account that is kept and whose names are not there would begin anew, empty. */
function refuseLostAccounts(lake: string, { accounts }: Records): void {
  for (const { generation, name } of accounts) {
    const names = join(lake, generation, name, "names.db");
    if (!existsSync(names)) throw damaged(names, "is missing");
  }
}

/** Certificate and key in one file, as `AZURE_CLIENT_CERTIFICATE_PATH` names it. */
function writeCertificate(dir: string, { clientCertificate }: PracticeSecrets): string {
  const { certificate, key } = clientCertificate;
  return writeFileOf(dir, "notelake-service.pem", `${certificate}\n${key}\n`);
}

function writeFileOf(dir: string, name: string, content: string): string {
  const file = join(dir, name);
  writePrivate(file, content);
  return file;
}

/** Shows a certificate that nobody trusts for as long as a fault wants it. */
async function switchCertificate(faults: Faults, cloud: Listener, tls: KeyedCertificate) {
  const untrusted = await makeServerCertificate(await makeAuthority());
  let wrong = false;
  return () => {
    const wanted = faults.ofKind("untrusted-certificate").length > 0;
    if (wanted !== wrong) cloud.present(wanted ? untrusted : tls);
    wrong = wanted;
  };
}
