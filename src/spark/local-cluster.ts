import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Cloud } from "../core/cloud.ts";
import { SparkError } from "../core/errors.ts";
import { makeTemporaryFolder } from "../core/temporary-folder.ts";
import { installSail, startSail } from "./sail.ts";
import { startTokenEndpoint, type TokenProvider } from "./token-endpoint.ts";

/** What `connectSpark` needs to reach a cluster. */
export interface ClusterAddress {
  /** `sc://127.0.0.1:PORT` */
  readonly url: string;
  readonly token?: string;
  /** PEM certificate of the authority that signed the cluster's certificate. */
  readonly ca?: string;
}

export interface LocalClusterOptions {
  /** The cloud whose lake the cluster reads. */
  readonly cloud: Cloud;
  /** Provides tokens for the storage: the cluster reads with their identity. */
  readonly tokens: TokenProvider;
  /** Name of that identity, to display. */
  readonly reader: string;
  /** Folder to install the engine in, such as `.notelake/spark`. */
  readonly folder: string;
  /** Writes its address there for `connectSpark()` in other processes. */
  readonly isShared?: boolean;
  /** Number of workers. Default 2. */
  readonly workers?: number;
  /** Port to listen on. Default: any free one. */
  readonly port?: number;
  /** Called with progress messages. */
  readonly say?: (text: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** A cluster on this machine; `await using` ends it. */
export interface LocalCluster extends ClusterAddress, AsyncDisposable {
  /** Resolves to the engine's last output when it has ended for any reason. */
  readonly ended: Promise<string>;
  close(): Promise<void>;
}

/** A cluster's address and identity: the content of `cluster.json`. */
interface ClusterNote extends ClusterAddress {
  readonly pid: number;
  /** Authority of the cloud whose lake it reads; distinguishes practice clouds. */
  readonly authority: string;
  readonly reader: string;
}

/** Folder of the local cluster, in the notebooks' folder or a parent. */
const FOLDER = join(".notelake", "spark");
const NOTE = "cluster.json";

/**
 * Starts a Spark Connect server with several workers on 127.0.0.1 that reads the lake of `cloud`
 * itself. It is Sail, installed from PyPI at the first call.
 *
 * It does not authenticate its clients: any program on this machine can use it while it runs, with
 * the rights of the identity it reads as.
 *
 * @throws SparkError `NO_PYTHON`, `NO_SAIL`, `CLUSTER_RUNS`
 */
export async function startLocalCluster(options: LocalClusterOptions): Promise<LocalCluster> {
  const { cloud, tokens, reader, folder, workers = 2, port = 0, say = () => {} } = options;
  const signal = options.signal ?? new AbortController().signal;
  const running = options.isShared ? await readNote(folder) : undefined;
  if (running) {
    throw new SparkError("CLUSTER_RUNS", `a cluster of this folder runs already: ${running.url}`, {
      hint: `It reads as ${running.reader}. connectSpark() uses it; end it with Ctrl-C where it was started.`,
    });
  }
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const python = await installSail(folder, { say, signal });
  const endpoint = await startTokenEndpoint(tokens);
  try {
    const env = {
      ...programVariables(),
      ...(await storageVariables(cloud)),
      AZURE_IDENTITY_ENDPOINT: endpoint.url,
      IDENTITY_HEADER: endpoint.header,
      SAIL_MODE: "local-cluster",
      SAIL_CLUSTER__WORKER_INITIAL_COUNT: String(workers),
      SAIL_CLUSTER__WORKER_MAX_COUNT: String(workers),
      // Sail refuses a table with more partitions than task slots.
      SAIL_CLUSTER__WORKER_TASK_SLOTS: "4096",
    };
    const sail = await startSail(python, port, env, signal);
    const url = `sc://127.0.0.1:${sail.port}`;
    const file = join(folder, NOTE);
    const note: ClusterNote = { url, pid: sail.pid, authority: cloud.authority, reader };
    if (options.isShared) await writeFile(file, JSON.stringify(note), { mode: 0o600 });
    const ended = sail.ended.finally(() => options.isShared && rm(file, { force: true }));
    const close = async () => {
      await sail.stop();
      await ended;
      await endpoint.close().catch(() => {});
    };
    return { url, ended, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await endpoint.close();
    throw error;
  }
}

/**
 * The cluster that `npx notelake spark` runs for this folder or one above it; undefined when there
 * is none, or when it reads another cloud than that of `authority`.
 */
export async function findLocalCluster(
  options: { authority?: string; folder?: string } = {},
): Promise<ClusterAddress | undefined> {
  for (let folder = options.folder ?? process.cwd(); ; folder = dirname(folder)) {
    const note = await readNote(join(folder, FOLDER));
    if (note && (options.authority ?? note.authority) === note.authority) {
      const { url, token, ca } = note;
      return { url, ...(token && { token }), ...(ca && { ca }) };
    }
    if (dirname(folder) === folder) return undefined;
  }
}

/** Folder of the engine for notebooks in `folder`: an existing one, else the project's. */
export function engineFolder(folder = process.cwd()): string {
  const above = [folder];
  for (let at = folder; dirname(at) !== at; at = dirname(at)) above.push(dirname(at));
  const holder =
    above.find((at) => existsSync(join(at, FOLDER, "venv"))) ??
    above.find((at) => existsSync(join(at, "package.json"))) ??
    folder;
  return join(holder, FOLDER);
}

async function readNote(folder: string): Promise<ClusterNote | undefined> {
  const text = await readFile(join(folder, NOTE), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const note = JSON.parse(text) as ClusterNote;
    process.kill(note.pid, 0);
    return note;
  } catch {
    return undefined; // left by a killed process
  }
}

/** Environment variables for the engine: none that configure other clouds or credentials. */
function programVariables(): NodeJS.ProcessEnv {
  const names = ["PATH", "HOME", "TMPDIR", "TEMP", "TMP", "LANG", "SYSTEMROOT", "RUST_LOG"];
  return Object.fromEntries(names.map((name) => [name, process.env[name]]));
}

async function storageVariables(cloud: Cloud): Promise<NodeJS.ProcessEnv> {
  const account = cloud.account ? { AZURE_STORAGE_ACCOUNT_NAME: cloud.account } : {};
  if (!cloud.loopback) return account;
  const ca = join(makeTemporaryFolder("spark"), "practice-ca.pem");
  await writeFile(ca, cloud.loopback.ca, { mode: 0o600 });
  return {
    ...account,
    AZURE_STORAGE_ENDPOINT: `${cloud.authority}/${cloud.account}`,
    SSL_CERT_FILE: ca,
  };
}
