import { LakeFaults } from "../faults/lake-faults.ts";
import { isDiskFull } from "../practice-error.ts";
import type { Identities } from "../principal.ts";
import { identify } from "./access/identify.ts";
import type { Caller } from "./access/request-caller.ts";
import { type AccountKind, Accounts, type FirstAccount } from "./account-stores.ts";
import { dispatch } from "./dispatch.ts";
import { findByPath, type Place } from "./find-by-path.ts";
import { handleGen1 } from "./gen1/handle-gen1.ts";
import { ignoreHeaders } from "./onelake/onelake-rules.ts";
import { placeOnOneLake } from "./onelake/workspaces.ts";
import type { KeyName } from "./storage/account-keys.ts";
import type { CorsRule } from "./storage/cors-rules.ts";
import { Reserve } from "./storage/reserve.ts";
import { answerError } from "./wire/answer.ts";
import { allowOrigin, answerPreflight } from "./wire/cors.ts";
import { failFirst } from "./wire/inject-faults.ts";
import {
  type Call,
  type Dialect,
  header,
  type LakeRequest,
  openCall,
  placeCall,
} from "./wire/lake-call.ts";
import { refuse, refuseAddress } from "./wire/refusals.ts";

/** What a practice lake needs from the cloud around it. */
export interface PracticeLakeOptions extends Identities {
  /** Folder for the lake's database and files; created if missing, never removed. */
  readonly dir: string;
  /** Folder whose folders become the file systems of the account; read, never written. */
  readonly seed?: string;
  /** Folder whose folders become the workspaces of OneLake; without it there is no OneLake. */
  readonly oneLakeSeed?: string;
  /** The account that `seed` is for. */
  readonly account: string;
  /** Another account. */
  readonly archive?: FirstAccount;
  /** The network rule of an account that blocks an address; undefined when none does. */
  blockedBy(account: string, kind: AccountKind, address: string): string | undefined;
  /** User principal name of an object id, for requests with `upn=true` or `x-ms-upn: true`; undefined if unknown. */
  readonly nameOf?: (id: string) => string | undefined;
}

/** Properties of an account's blob service. */
export interface BlobService {
  /** Days that soft delete keeps paths, 1 to 365; 0 when it is off. */
  readonly retentionDays: number;
  /** The same of file systems. */
  readonly containerRetentionDays: number;
  readonly corsRules: readonly CorsRule[];
}

/** A container as Resource Manager shows it. */
export interface Container {
  readonly name: string;
  readonly etag: string;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

/** The storage accounts of a practice cloud. */
export interface PracticeLake {
  /** Faults to inject. */
  readonly faults: LakeFaults;
  readonly hasOneLake: boolean;
  /** @param dialect what the host name says; only `gen1` means a Gen1 account */
  hasAccount(name: string, dialect?: Dialect): boolean;
  /**
   * Creates an empty account, unless it exists.
   *
   * @throws RangeError when the name is not 3 to 24 lower-case letters and digits
   */
  createAccount(name: string, kind?: AccountKind): void;
  /** Removes an account with all that is in it. */
  removeAccount(name: string, kind?: AccountKind): Promise<void>;
  /** The two keys of a Gen2 account, in base64; undefined when there is no such account. */
  keys(account: string): Readonly<Record<KeyName, string>> | undefined;
  /** The containers of a Gen2 account, by name. */
  containers(account: string): readonly Container[];
  /** Replaces a key of a Gen2 account. */
  regenerateKey(account: string, name: KeyName): void;
  /** Which account a request on a loopback host is for, by its raw path; see `findByPath`. */
  find(path: string, renameSource?: string): Place | undefined;
  /** Answers one request, refusals included; never rejects. */
  handle(request: LakeRequest): Promise<void>;
  /** Properties of the blob service of a Gen2 account; undefined without one. */
  blobService(account: string): BlobService | undefined;
  changeBlobService(account: string, change: Partial<BlobService>): void;
  /** Saves the current state of every account to a folder that does not exist yet. */
  save(folder: string): void;
  /** Replaces all accounts by saved ones; no request may be running. */
  restore(folder: string): Promise<void>;
  /** Aborts running requests and closes the files. */
  close(): Promise<void>;
}

/** Milliseconds before the reserve is filled again. */
const REFILL_MS = 1_500;

export function openPracticeLake(options: PracticeLakeOptions): PracticeLake {
  const { dir, seed, account, archive } = options;
  const first = [{ name: account, seed }, ...(archive ? [archive] : [])];
  const accounts = new Accounts(dir, first, options.oneLakeSeed);
  const reserve = new Reserve(`${dir}.reserve`);
  const faults = new LakeFaults();
  const underWay = new Map<Call, Promise<void>>();

  function noteCaller({ notes }: Call, { id }: Caller): void {
    notes.principal = { id, name: options.nameOf?.(id) ?? id };
  }

  /** Refuses a client that the account's network rules block. */
  function demandNetwork({ account, dialect, request }: Call): void {
    const address = (request.socket.remoteAddress ?? "").replace(/^::ffff:/, "");
    const kind = dialect === "gen1" ? "gen1" : "gen2";
    const rule = options.blockedBy(account, kind, address);
    if (rule === undefined) return;
    const isGen1 = kind === "gen1";
    const refusal = isGen1 ? refuseAddress(account, address) : refuse("AuthorizationFailure");
    throw refusal.because({ by: "firewall", rule, address });
  }

  async function serve(call: Call): Promise<void> {
    const isGen1 = call.dialect === "gen1";
    call.notes.proof = proofOf(call);
    const store = call.oneLake
      ? accounts.oneLake()
      : accounts.get(call.account, isGen1 ? "gen1" : "gen2");
    if (!store) throw new Error(`the lake has no account ${call.account}`);
    if (!isGen1) allowOrigin(call, store.settings.corsRules());
    const met = faults.meet(call.method, `/${call.fileSystem}/${call.names.join("/")}`);
    await failFirst(met, call.response);
    store.expire();
    if (call.method === "OPTIONS" && !isGen1) {
      answerPreflight(call, store.settings.corsRules());
    } else if (isGen1) {
      demandNetwork(call);
      await handleGen1({ call, store, faults: met, identities: options, noteCaller });
    } else {
      const storeOf = (name: string, isOneLake: boolean) =>
        isOneLake && !accounts.get(name) ? accounts.oneLake() : accounts.get(name);
      const identified = (of: Call, authorization: string | undefined) => {
        if (!of.oneLake) demandNetwork(of);
        const home = storeOf(of.account, of.oneLake !== undefined) ?? store;
        return identify(of, authorization, home, options);
      };
      const caller = await identified(call, header(call, "authorization"));
      noteCaller(call, caller);
      const named = call.query.get("upn") ?? header(call, "x-ms-upn");
      const isNamed = named?.toLowerCase() === "true";
      const nameOf = (id: string) => (isNamed ? options.nameOf?.(id) : undefined) ?? id;
      await dispatch({
        call,
        caller,
        store,
        faults: met,
        nameOf,
        storeOf,
        answerCall,
        identify: identified,
      });
    }
  }

  /** On a full disk, a deletion may use the reserved space. */
  async function serveIfFull(call: Call): Promise<void> {
    try {
      await serve(call);
    } catch (error) {
      const makesRoom = call.method === "DELETE" && !call.response.headersSent;
      if (!makesRoom || !isDiskFull(error) || !reserve.release()) throw error;
      await serve(call);
      // By then the deleted files are removed from the disk.
      setTimeout(() => reserve.fill(), REFILL_MS).unref();
    }
  }

  async function answerCall(call: Call, isOneLake = call.oneLake !== undefined): Promise<void> {
    try {
      const placed = placeCall(call);
      if (isOneLake) ignoreHeaders(placed);
      await serveIfFull(isOneLake ? placeOnOneLake(placed, accounts.oneLake()) : placed);
    } catch (error) {
      if (isGone(error)) call.response.destroy();
      else answerError(call, error);
    }
  }

  return {
    faults,
    hasOneLake: options.oneLakeSeed !== undefined,
    hasAccount: (name, dialect) =>
      accounts.get(name, dialect === "gen1" ? "gen1" : "gen2") !== undefined,
    createAccount: (name, kind) => void accounts.create(name, kind),
    removeAccount: (name, kind) => accounts.remove(name, kind),
    keys: (name) => accounts.get(name)?.keys.named(),
    containers: (name) =>
      accounts.get(name)?.fileSystems.list("", "", Number.MAX_SAFE_INTEGER) ?? [],
    regenerateKey: (name, key) => accounts.get(name)?.keys.regenerate(key),
    blobService: (name) => {
      const settings = accounts.get(name)?.settings;
      return (
        settings && {
          retentionDays: settings.retention(),
          containerRetentionDays: settings.fileSystemRetention(),
          corsRules: settings.corsRules(),
        }
      );
    },
    changeBlobService: (name, { retentionDays, containerRetentionDays, corsRules }) => {
      const settings = accounts.get(name)?.settings;
      if (retentionDays !== undefined) settings?.setRetention(retentionDays);
      if (containerRetentionDays !== undefined) {
        settings?.setFileSystemRetention(containerRetentionDays);
      }
      if (corsRules !== undefined) settings?.setCorsRules(corsRules);
    },
    find: (path, renameSource) => findByPath(accounts, path, renameSource),
    handle: async (incoming) => {
      const call = openCall(incoming);
      const served = answerCall(call, incoming.isOneLake);
      underWay.set(call, served);
      await served;
      underWay.delete(call);
    },
    save: (folder) => accounts.save(folder),
    restore: (folder) => accounts.restore(folder),
    close: async () => {
      for (const { response } of underWay.keys()) response.destroy();
      await Promise.all(underWay.values());
      await accounts.close();
    },
  };
}

function proofOf(call: Call): NonNullable<Call["notes"]["proof"]> {
  const authorization = header(call, "authorization");
  if (authorization === undefined) return call.query.has("sig") ? "signature" : "none";
  return /^SharedKey/i.test(authorization) ? "account key" : "token";
}

/** Whether the client closed the connection during its request. */
function isGone(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === "ERR_STREAM_PREMATURE_CLOSE" || code === "ECONNRESET";
}
