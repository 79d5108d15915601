import { readFileSync } from "node:fs";
import type { ManagementOptions } from "./account/management.ts";
import { openSubscriptionIn, type Subscription } from "./account/subscription.ts";
import type { SignInOptions } from "./auth/methods.ts";
import type { Session } from "./auth/session.ts";
import { signInTo } from "./auth/sign-in.ts";
import { cellSignal } from "./core/cell.ts";
import { CLOUD_ENDPOINTS, type Cloud } from "./core/cloud.ts";
import { AccountError, CloudError } from "./core/errors.ts";
import { type CloudSettings, readSettings } from "./core/settings.ts";
import { showFramesWith } from "./frames/danfo/display-hook.ts";
import type { Lake } from "./lake/lake.ts";
import { type OpenLakeOptions, openLakeIn } from "./lake/open.ts";
import type { PracticeDescription } from "./practice/description.ts";
import { cloudBadge } from "./show/cloud-badge.ts";
import { type Displayable, shownAs } from "./show/display.ts";
import { showSignInCard } from "./show/sign-in-card.ts";
import { signInReport } from "./show/sign-in-report.ts";
import { frameTable } from "./show/table/frame-table.ts";

// Every dataframe that a cell ends in shows itself as a table.
showFramesWith(frameTable);

/** The cloud that `connect` chose; the value of a cell that ends in it is a badge. */
export type ConnectedCloud = Cloud & Displayable;

/** What the calls of one process have settled so far. */
interface Connection {
  readonly cloud: ConnectedCloud;
  readonly practice?: PracticeDescription;
  session?: Session;
}

let connection: Connection | undefined;
let ownPractice: Promise<PracticeDescription> | undefined;

/**
 * Chooses the cloud that later calls of `signIn` and `openLake` work in, and forgets whoever was
 * signed in. Without settings it is the practice cloud: the one that `NOTELAKE_PRACTICE` names,
 * else one that this process starts and that ends with it.
 *
 * @param settings win over the environment, which wins over `.notelake/settings.json`
 * @throws CloudError `BAD_SETTINGS`, or `NO_PRACTICE` when the practice cloud named is not there
 */
export async function connect(settings: CloudSettings = {}): Promise<ConnectedCloud> {
  connection = await open(settings);
  return connection.cloud;
}

/**
 * Signs in to the connected cloud, showing what a person must do in the notebook; interrupting the
 * cell cancels it. Later calls of
 * `openLake` act as whoever signed in last. The value of a cell that ends in the session is the
 * report of the sign-in.
 *
 * @throws SignInError, see `signInTo`
 */
export async function signIn(options: SignInOptions = {}): Promise<Session & Displayable> {
  connection ??= await open({});
  const here = connection;
  const signal = cellSignal();
  const session = await signInTo(here.cloud, {
    onPrompt: showSignInCard,
    ...(signal && { signal }),
    ...practiceService(here.practice, options),
  });
  here.session = session;
  return shownAs(session, () => signInReport(session.report));
}

/**
 * Opens a file system of the connected cloud as whoever signed in last.
 *
 * @param place a name such as `raw`, or an `abfss://` or `https://` URL
 * @throws CloudError `NOT_CONNECTED`; LakeError `BAD_PATH`, or `UNAUTHENTICATED` when nobody is
 *   signed in and no credential is given
 */
export function openLake(place: string, options: OpenLakeOptions = {}): Lake {
  const { cloud, session } = connected(place);
  return openLakeIn(cloud, place, { ...(session && { credential: session }), ...options });
}

/**
 * Opens a subscription of the connected cloud, its resource groups and roles, as whoever signed in
 * last.
 *
 * @throws CloudError `NOT_CONNECTED`; AccountError `NO_SUBSCRIPTION`
 */
export function openSubscription(options: Partial<ManagementOptions> = {}): Subscription {
  const { cloud, session } = connected("a subscription");
  const credential = options.credential ?? session;
  if (!credential) {
    throw new AccountError("UNAUTHENTICATED", "nobody is signed in", {
      hint: "Call `await signIn()` first, or pass a credential.",
    });
  }
  return openSubscriptionIn(cloud, { ...options, credential });
}

function connected(what: string): Connection {
  if (connection) return connection;
  throw new CloudError("NOT_CONNECTED", `no cloud to open ${what} in`, {
    hint: "Call `await connect()` first, then `await signIn()`.",
  });
}

/**
 * In the practice cloud, a service that says no more signs in as the cloud's own application; in
 * Azure the same call takes what is missing from the environment.
 */
function practiceService(
  practice: PracticeDescription | undefined,
  options: SignInOptions,
): SignInOptions {
  if (!practice) return options;
  const { service, certificateFile, federatedTokenFile } = practice;
  const { clientId } = service;
  switch (options.method) {
    case "client-secret":
      return { ...service, ...options };
    case "certificate":
      return options.content
        ? { clientId, ...options }
        : { clientId, path: certificateFile, ...options };
    case "workload-identity":
      return { clientId, tokenFile: federatedTokenFile, ...options };
    default:
      return options;
  }
}

async function open(settings: CloudSettings): Promise<Connection> {
  const { cloud: name = "practice", ...known } = readSettings(settings);
  if (name !== "practice") {
    return { cloud: badged({ kind: "azure", ...CLOUD_ENDPOINTS[name], ...known }) };
  }
  const practice = await findPractice();
  return { cloud: badged(practiceCloud(practice)), practice };
}

async function findPractice(): Promise<PracticeDescription> {
  const file = process.env.NOTELAKE_PRACTICE;
  if (file) return readPractice(file);
  ownPractice ??= startOwnPractice();
  return ownPractice;
}

async function startOwnPractice(): Promise<PracticeDescription> {
  const { startPractice } = await import("./practice/index.ts");
  // Where nobody can type a code, the practice cloud plays the person too.
  const approver = process.env.NOTELAKE_HEADLESS ? { approveDeviceCodesAs: "ada@contoso.com" } : {};
  const { description } = await startPractice({ ...approver, background: true });
  return description;
}

function readPractice(file: string): PracticeDescription {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as PracticeDescription;
  } catch (cause) {
    throw new CloudError("NO_PRACTICE", `the practice cloud of ${file} is not running`, {
      hint: "Start it with `npx notelake practice`, or unset NOTELAKE_PRACTICE to use one of your own.",
      cause,
    });
  }
}

function practiceCloud(practice: PracticeDescription): Cloud {
  const {
    origin,
    port,
    ca,
    pages: metadata,
    tenantId,
    clientId,
    subscriptionId,
    account,
  } = practice;
  return {
    ...CLOUD_ENDPOINTS.public,
    kind: "practice",
    authority: origin,
    management: origin,
    loopback: { port, ca, metadata },
    tenantId,
    clientId,
    subscriptionId,
    account,
  };
}

function badged(cloud: Cloud): ConnectedCloud {
  return shownAs({ ...cloud }, () => cloudBadge(cloud));
}
