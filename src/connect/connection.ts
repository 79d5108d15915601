import type { TokenCredential } from "@azure/core-auth";
import type { Session } from "../auth/sign-in-session.ts";
import { CLOUD_ENDPOINTS, type Cloud } from "../core/cloud.ts";
import { AccountError, CloudError } from "../core/errors.ts";
import { type CloudSettings, readSettings } from "../core/settings.ts";
import type { PracticeDescription } from "../practice/description.ts";
import { cloudBadge } from "../show/cloud-badge.ts";
import { type Displayable, shownAs } from "../show/display.ts";
import {
  findPractice,
  type PracticeMachine,
  practiceCloud,
  usePracticePrograms,
} from "./practice-cloud.ts";

/** The connected cloud; a cell that ends in it shows a badge. */
export type ConnectedCloud = Cloud & Displayable;

/** Cloud, directory and account. Defaults come from the environment, then from the settings. */
export interface ConnectOptions extends CloudSettings {
  /**
   * The kind of machine in the practice cloud: a virtual machine of Azure has a managed identity, a
   * laptop (the default) has none.
   */
  machine?: PracticeMachine;
}

/** The connection of this process. */
export interface Connection {
  readonly cloud: ConnectedCloud;
  readonly practice?: PracticeDescription;
  session?: Session;
}

let connection: Connection | undefined;

/**
 * Chooses the cloud for later calls of `signIn` and `openLake`, and signs out the current user.
 * Without settings it is the practice cloud: the one that `NOTELAKE_PRACTICE` names, else one that
 * this process starts and that ends with it.
 *
 * @param options take precedence over the environment, and this over `.notelake/settings.json`
 * @throws CloudError `BAD_SETTINGS`, or `NO_PRACTICE` when the practice cloud named is not there
 * @example
 * await connect();                                     // the practice cloud
 * await connect({ cloud: "public", tenantId: "contoso.com", account: "mylake" });
 */
export async function connect(options: ConnectOptions = {}): Promise<ConnectedCloud> {
  connection = await open(options);
  return connection.cloud;
}

/** The current connection; the default one when `connect` was not called. */
export async function connected(): Promise<Connection> {
  connection ??= await open({});
  return connection;
}

/** The current connection. @throws CloudError `NOT_CONNECTED` */
export function connectedTo(what: string): Connection {
  if (connection) return connection;
  throw new CloudError("NOT_CONNECTED", `no cloud to open ${what} in`, {
    hint: "Call `await connect()` first, then `await signIn()`.",
  });
}

/** The credential for accounts. @throws AccountError `UNAUTHENTICATED` */
export function callerOf(connection: Connection, given?: TokenCredential): TokenCredential {
  const credential = given ?? connection.session;
  if (credential) return credential;
  throw new AccountError("UNAUTHENTICATED", "nobody is signed in", {
    hint: "Call `await signIn()` first, or pass a credential.",
  });
}

async function open({ machine = "laptop", ...settings }: ConnectOptions): Promise<Connection> {
  const { cloud: name = "practice", ...known } = readSettings(settings);
  if (name !== "practice") {
    return { cloud: badged({ kind: "azure", ...CLOUD_ENDPOINTS[name], ...known }) };
  }
  const practice = await findPractice();
  usePracticePrograms(practice);
  return { cloud: badged(practiceCloud(practice, machine)), practice };
}

function badged(cloud: Cloud): ConnectedCloud {
  return shownAs({ ...cloud }, () => cloudBadge(cloud));
}
