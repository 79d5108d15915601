import { existsSync } from "node:fs";
import { join } from "node:path";
import { createAuthority } from "./authority/authority.ts";
import { AuthorizationCodes } from "./authority/authorization-codes.ts";
import type { BrowserUser } from "./authority/browser-user.ts";
import { createCredential } from "./authority/credentials.ts";
import { DeviceCodes } from "./authority/device-codes.ts";
import { createFederation, keepFederatedToken } from "./authority/federation.ts";
import { openSigningKey } from "./authority/signing-key.ts";
import { createTokenCheck } from "./authority/token-check.ts";
import { type KeyedCertificate, makeAuthority, makeServerCertificate } from "./certificates.ts";
import { createClock } from "./clock.ts";
import type { CloudPorts } from "./cloud-folder.ts";
import { NOTEBOOK_APP, SERVICE_APP } from "./directory/applications.ts";
import { SYSTEM_IDENTITY, USER_IDENTITY } from "./directory/managed-identities.ts";
import { USERS } from "./directory/people.ts";
import { findPrincipal, workspaceRoleOf } from "./directory/principals.ts";
import { GROUPS, groupsOf } from "./directory/security-groups.ts";
import { ARCHIVE, STORAGE_ACCOUNT, SUBSCRIPTION, TENANT } from "./directory/tenant.ts";
import type { Handler } from "./exchange.ts";
import { Faults } from "./faults/faults.ts";
import { HostProxy } from "./host-proxy.ts";
import { createHttpClient } from "./http-client.ts";
import { openPracticeLake, type PracticeLake } from "./lake/index.ts";
import { type Listener, listen, type Part } from "./listener.ts";
import { createFirewall } from "./management/firewall.ts";
import { Records } from "./management/records.ts";
import { createManagement } from "./management/resource-manager.ts";
import { createFullId, createRoleCheck } from "./management/role-checks.ts";
import { openBlackHole } from "./metadata/black-hole.ts";
import { APP_SERVICE_PATH } from "./metadata/endpoints.ts";
import { CONTROLS_PATH, createPages, isBelow } from "./pages/create-pages.ts";
import type { PracticeCloud } from "./practice-cloud.ts";
import { damaged } from "./practice-error.ts";
import type { TokenCheck } from "./principal.ts";
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

export interface AssembleOptions {
  readonly dir: string;
  readonly seed: string;
  /** For https; undefined for the one of the last run, or any. */
  readonly port: number | undefined;
  /** Ports of the last run. */
  readonly ports: CloudPorts | undefined;
  readonly browserUser: BrowserUser;
  /** Most requests in the log. */
  readonly requestLog: number | undefined;
}

/** Opens the parts of a practice cloud, and adds each to `parts`, to be closed. */
export async function assemble(
  options: AssembleOptions,
  parts: Part[],
): Promise<
  Omit<PracticeCloud, "close" | typeof Symbol.asyncDispose> & { readonly ports: CloudPorts }
> {
  const { dir, port, ports, browserUser } = options;
  const open = <P extends Part>(part: P): P => {
    parts.push(part);
    return part;
  };

  // What the folder keeps.
  const secrets = await openSecrets(dir);
  const { clientSecret, identityHeader, ca, server: tls } = secrets;
  await finishSnapshots(dir);
  const isNew = !existsSync(join(dir, "lake"));
  const records = new Records(dir);
  if (ports) refuseLostAccounts(join(dir, "lake"), records);

  // What every service works with.
  const faults = new Faults();
  const clock = createClock(faults);
  const key = await openSigningKey(secrets.signingKey);
  const sealingKey = Buffer.from(secrets.sealingKey, "base64url");
  const tokens = { key, sealingKey, clock, faults };
  const check = createTokenCheck(key, clock, faults);
  const lake = open(openLake(options, records, check));
  faults.forwardTo(lake.faults);

  // Set once both listeners are open, as their ports are needed.
  const served: { pages?: Handler; cloud?: Handler; proxy?: HostProxy } = {};
  const pages = open(
    await listen(async (exchange) => served.pages?.(exchange), {
      preferredPort: ports?.pages,
      clock,
      onConnect: (...connect) => served.proxy?.answer(...connect),
    }),
  );
  const laptop = open(await openBlackHole(ports?.laptop));
  const cloud = open(
    await listen(async (exchange) => served.cloud?.(exchange), {
      port,
      preferredPort: ports?.cloud,
      tls,
      clock,
    }),
  );
  faults.onChange(await switchCertificate(faults, cloud, tls));

  // Signing in.
  const deviceCodes = new DeviceCodes(clock, faults, browserUser);
  const authorizationCodes = new AuthorizationCodes(clock);
  const federation = createFederation(cloud.origin, await openSigningKey(secrets.federationKey));
  const federatedToken = open(await keepFederatedToken(dir, federation));
  const { certificate } = secrets.clientCertificate;
  const trust = { clientSecret, certificate, federation, clock, faults };
  const signIns = { deviceCodes, authorizationCodes };
  const shared = { tokens, trust, clock, faults, pages: pages.origin };
  const authority = createAuthority({ ...shared, ...signIns });
  const caFile = writeFileOf(dir, "ca.pem", ca);
  const seal = { sealingKey, clock };
  const programs = new Programs({ dir, origin: cloud.origin, caFile, seal });

  // Account management; keys are in files too.
  const accountKey = () => lake.keys(STORAGE_ACCOUNT)?.key1 ?? "";
  const keys = keepKeyFiles({ dir, account: STORAGE_ACCOUNT, clientSecret, accountKey });
  const regenerateKey: typeof lake.regenerateKey = (...key) => {
    lake.regenerateKey(...key);
    keys.refresh();
  };
  const management = createManagement({ records, check, faults, lake: { ...lake, regenerateKey } });

  // The request log, and snapshots.
  const traffic = new Traffic();
  const requests = new RequestLog(options.requestLog);
  const proxy = open(new HostProxy(cloud.port, requests));
  const numbers = new Map<string, string>();
  const pending = {
    snapshot: () => undefined,
    restore: () => {
      numbers.clear();
      browserUser.signOut();
      keys.refresh();
    },
  };
  const memory = { requests, pending, records, faults, ...signIns, programs };
  const snapshots = open(new Snapshots({ dir, lake, memory, traffic }));
  if (isNew) snapshots.keepSeeded();

  // What the listeners serve.
  const answerPages = createPages({
    ...{ tokens, identityHeader, faults, ...signIns, browserUser, numbers },
    ...{ programs, snapshots, requests },
  });
  const guarded = traffic.guard(requests.watch(answerPages));
  const zoneOf = (account: string) => records.findAccount("gen2", account)?.zone;
  const router = createRouter({ authority, management, lake, federation, zoneOf });
  served.proxy = proxy;
  served.cloud = traffic.guard(requests.watch(router));
  // A reset must not wait for its own request.
  served.pages = async (exchange) =>
    isBelow(CONTROLS_PATH, exchange.url.pathname) ? answerPages(exchange) : guarded(exchange);

  // What the user gets.
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
  const http = open(createHttpClient({ port: cloud.port, ca, metadata: pages.origin }));
  const settings = open(keepDescription(join(dir, "practice.json"), description));
  return {
    description,
    settingsFile: settings.file,
    httpClient: http.client,
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
    accountKeys: (account = STORAGE_ACCOUNT) => accountKeys(lake, account),
    ports: { cloud: cloud.port, pages: pages.port, laptop: laptop.port },
  };
}

function openLake({ dir, seed }: AssembleOptions, records: Records, check: TokenCheck) {
  const archiveSeed = join(seed, "Archive");
  return openPracticeLake({
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
}

function accountKeys(lake: PracticeLake, account: string) {
  const keys = lake.keys(account);
  if (!keys) throw new RangeError(`the practice cloud has no Gen2 account called ${account}`);
  announceSecret("account key", keys.key1);
  announceSecret("account key", keys.key2);
  return keys;
}

function nameOf(id: string): string {
  return findPrincipal(id)?.name ?? id;
}

/** Refuses an account without its database, which would start empty. */
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

/** Serves an untrusted certificate while a fault says so. */
async function switchCertificate(faults: Faults, cloud: Listener, tls: KeyedCertificate) {
  const untrusted = await makeServerCertificate(await makeAuthority());
  let isUntrusted = false;
  return () => {
    const isAsked = faults.ofKind("untrusted-certificate").length > 0;
    if (isAsked !== isUntrusted) cloud.present(isAsked ? untrusted : tls);
    isUntrusted = isAsked;
  };
}
