import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import type { IncomingHttpHeaders } from "node:http";
import { createServer, request as send } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { connect } from "node:tls";
import type { AccessToken, TokenCredential } from "@azure/core-auth";
import { BlobServiceClient } from "@azure/storage-blob";
import { DataLakeServiceClient, type StoragePipelineOptions } from "@azure/storage-file-datalake";
import { makeAuthority, makeServerCertificate } from "../../src/practice/certificates.ts";
import {
  type Dialect,
  openPracticeLake,
  type PracticeLake,
} from "../../src/practice/lake/index.ts";
import type { Principal } from "../../src/practice/principal.ts";
import { Refusal } from "../../src/practice/service-refusal.ts";

export const ACCOUNT = "contosolake";

/** Who the tests speak as; the token is the name, which `check` below looks up. */
export const PEOPLE = {
  owner: "Storage Blob Data Owner",
  contributor: "Storage Blob Data Contributor",
  reader: "Storage Blob Data Reader",
  ada: "Owner",
  bob: "",
  carol: "",
} as const;
export type Person = keyof typeof PEOPLE;

/** Groups of those who are in any. */
export const GROUPS: Partial<Record<Person, readonly string[]>> = {
  carol: ["group-readers", "group-writers"],
};

/** One request as it goes over the wire, and its whole answer. */
export interface RawRequest {
  readonly method?: string;
  /** Path and query behind the account, sent exactly as written. */
  readonly target: string;
  readonly as?: Person | "nobody";
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}
export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** How the body of an answer came to its end. */
export interface Watched {
  /** Bytes of body that came. */
  readonly body: number;
  /** Whether the peer ended the stream in the ordinary way. */
  readonly ended: boolean;
  readonly error: string;
  /** Whether nothing more came for as long as one was willing to wait. */
  readonly stalled: boolean;
}

/** A practice lake behind a TLS server of its own. */
export interface ServedLake {
  readonly folder: string;
  readonly lake: PracticeLake;
  readonly port: number;
  readonly ca: string;
  send(request: RawRequest): Promise<RawAnswer>;
  /** Reads an answer off the socket itself, to see how it ends. */
  watch(target: string, timeout?: number): Promise<Watched>;
  /** The unmodified client library of Azure, by host name or by path. */
  client(person?: Person, style?: "host" | "path"): DataLakeServiceClient;
  close(): Promise<void>;
}

/**
 * @param seeds contents of seeded files by path, `filesystem/folder/file`
 * @param kept folder of a lake that is to outlive this server
 */
export async function serveLake(
  seeds: Readonly<Record<string, string>> = {},
  kept?: string,
): Promise<ServedLake> {
  const folder = kept ?? (await mkdtemp(join(tmpdir(), "notelake-practice-lake-")));
  const seed = join(folder, "seed");
  await mkdir(seed, { recursive: true });
  for (const [path, content] of Object.entries(seeds)) {
    await mkdir(dirname(join(seed, path)), { recursive: true });
    await writeFile(join(seed, path), content);
  }
  const lake = openPracticeLake({
    dir: join(folder, "lake"),
    seed,
    account: ACCOUNT,
    check: async (authorization) => principalOf(authorization),
    nameOf: (id) => (id.startsWith("id-of-") ? `${id.slice(6)}@contoso.com` : undefined),
    roles: (id) => [PEOPLE[id.replace("id-of-", "") as Person] ?? ""],
    groupsOf: (id) => GROUPS[id.replace("id-of-", "") as Person] ?? [],
    blockedBy: () => undefined,
  });
  const authority = await makeAuthority();
  const { certificate, key } = await makeServerCertificate(authority);
  // Longer than any test is idle: on a slow machine a client would use a connection that is closing.
  const server = createServer(
    { cert: certificate, key, keepAliveTimeout: 120_000 },
    (request, response) => {
      const [path = ""] = (request.url ?? "").split("?", 1);
      const host = /^([a-z0-9]+)\.(dfs|blob|azuredatalakestore)\./.exec(request.headers.host ?? "");
      const source = request.headers["x-ms-rename-source"];
      const place = host
        ? { account: host[1] ?? "", path, dialect: DIALECTS[host[2] ?? ""] ?? "dfs" }
        : lake.find(path, typeof source === "string" ? source : undefined);
      if (!place || !lake.hasAccount(place.account, place.dialect)) response.writeHead(404).end();
      else void lake.handle({ ...place, request, response });
    },
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const ca = authority.certificate;

  return {
    folder,
    lake,
    port,
    ca,
    send: (request) => sendRaw(request, port, ca),
    watch: (target, timeout = 5_000) => watchRaw(target, port, ca, timeout),
    client: (person = "owner", style = "host") => {
      const url =
        style === "host"
          ? `https://${ACCOUNT}.dfs.core.windows.net:${port}`
          : `https://127.0.0.1:${port}/${ACCOUNT}`;
      return new DataLakeServiceClient(url, credentialOf(person), pipelineOptions(ca));
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await lake.close();
      if (kept === undefined) await rm(folder, { recursive: true });
    },
  };
}

/** The unmodified blob client of Azure, by host name. */
export function blobClient(
  { port, ca }: Pick<ServedLake, "port" | "ca">,
  account: string = ACCOUNT,
  person: Person = "owner",
): BlobServiceClient {
  const url = `https://${account}.blob.core.windows.net:${port}`;
  return new BlobServiceClient(url, credentialOf(person), pipelineOptions(ca));
}

function credentialOf(person: Person): TokenCredential {
  const expiresOnTimestamp = Date.now() + 3_600_000;
  return { getToken: async (): Promise<AccessToken> => ({ token: person, expiresOnTimestamp }) };
}

/** What makes a client of Azure's reach the lake and trust it. */
export function pipelineOptions(ca: string): StoragePipelineOptions {
  const options = { retryOptions: { maxTries: 1 }, tlsOptions: { ca, lookup: toLoopback } };
  return options as StoragePipelineOptions;
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

export const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function principalOf(authorization: string | undefined): Principal {
  const name = authorization?.replace(/^Bearer /, "") ?? "";
  if (!(name in PEOPLE))
    throw new Refusal(401, "InvalidAuthenticationInfo", "Signature validation failed.");
  return { id: `id-of-${name}`, kind: "user", name, tenantId: "tenant" };
}

const DIALECTS: Readonly<Record<string, Dialect>> = {
  dfs: "dfs",
  blob: "blob",
  azuredatalakestore: "gen1",
};

type Lookup = (
  host: string,
  options: { all?: boolean },
  done: (
    error: null,
    address: string | { address: string; family: number }[],
    family?: number,
  ) => void,
) => void;

const toLoopback: Lookup = (_host, { all }, done) => {
  if (all) done(null, [{ address: "127.0.0.1", family: 4 }]);
  else done(null, "127.0.0.1", 4);
};

/** Sends one request exactly as written. */
export function sendRaw(
  { method = "GET", target, as = "owner", host, headers = {}, body }: RawRequest,
  port: number,
  ca: string,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const request = send(
      {
        host: "127.0.0.1",
        port,
        ca,
        method,
        path: host ? target : `/${ACCOUNT}${target}`,
        headers: {
          ...(host ? { host } : {}),
          ...(as === "nobody" ? {} : { authorization: `Bearer ${as}` }),
          ...(body === undefined ? {} : { "content-length": Buffer.byteLength(body) }),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
          }),
        );
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

function watchRaw(target: string, port: number, ca: string, timeout: number): Promise<Watched> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, ca });
    const chunks: Buffer[] = [];
    const outcome = { ended: false, error: "", stalled: false };
    socket.setTimeout(timeout, () => {
      outcome.stalled = true;
      socket.destroy();
    });
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.on("end", () => {
      outcome.ended = true;
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      outcome.error = error.code ?? error.message;
    });
    socket.on("close", () => {
      const all = Buffer.concat(chunks);
      resolve({ body: all.length - all.indexOf("\r\n\r\n") - 4, ...outcome });
    });
    const head = [
      `GET /${ACCOUNT}${target} HTTP/1.1`,
      "Host: 127.0.0.1",
      "Authorization: Bearer owner",
    ];
    socket.write(`${head.join("\r\n")}\r\n\r\n`);
  });
}
