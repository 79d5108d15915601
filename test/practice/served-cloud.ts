import { lookup } from "node:dns";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type IncomingMessage, request as requestPlain } from "node:http";
import { request as requestTls } from "node:https";
import type { LookupFunction } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text as readText } from "node:stream/consumers";
import { DataLakeServiceClient } from "@azure/storage-file-datalake";
import type { PracticeCloud, PracticeOptions } from "../../src/practice/index.ts";
import { startPractice } from "../../src/practice/index.ts";

/** Every host name leads to this machine, as a client of the practice cloud has it. */
export const toLoopback: LookupFunction = (_host, options, callback) =>
  lookup("127.0.0.1", options, callback);

/** A practice cloud for one test file, with what the unmodified SDK needs to talk to it. */
export async function serveCloud(options: PracticeOptions = {}) {
  const cloud = await startPractice(options);
  const { origin, ca, tenantId, clientId, service } = cloud.description;
  return {
    cloud,
    ...cloud.description,
    close: () => cloud.close(),
    /** Options of a credential of @azure/identity. */
    credentialOptions: {
      authorityHost: origin,
      disableInstanceDiscovery: true,
      tlsOptions: { ca },
      retryOptions: { maxRetries: 0 },
    },
    /** A form post to the authority, answered with its JSON whatever the status. */
    post: (path: string, fields: Record<string, string>) =>
      post(cloud, `${origin}/${path}`, fields),
    tokenPath: `${tenantId}/oauth2/v2.0/token`,
    devicePath: `${tenantId}/oauth2/v2.0/devicecode`,
    clientId,
    service,
  };
}

export type ServedCloud = Awaited<ReturnType<typeof serveCloud>>;

/** A practice cloud, and a folder for whatever its tests write. */
export async function serveWithFolder() {
  const served = await serveCloud();
  const folder = await mkdtemp(join(tmpdir(), "notelake-test-"));
  const close = async () => {
    await served.close();
    await rm(folder, { recursive: true });
  };
  return { ...served, folder, close };
}

export type ServedWithFolder = Awaited<ReturnType<typeof serveWithFolder>>;

export interface Reply {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly text: string;
  header(name: string): string | undefined;
}

/** Any request over the practice cloud's own TLS. */
export async function request(
  cloud: PracticeCloud,
  url: string,
  init: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Reply> {
  const { method = "GET", body = "" } = init;
  const headers = { ...init.headers, "content-length": String(Buffer.byteLength(body)) };
  const open = url.startsWith("https:") ? requestTls : requestPlain;
  const { ca } = cloud.description;
  // A Host header of its own changes nothing about whose certificate it has to be.
  const servername = new URL(url).hostname.replace("127.0.0.1", "localhost");
  const options = { method, headers, ca, servername, agent: false, lookup: toLoopback };
  const call = open(url, options).end(body);
  const [response] = (await once(call, "response")) as [IncomingMessage];
  const text = await readText(response);
  const isJson = response.headers["content-type"]?.startsWith("application/json");
  return {
    status: response.statusCode ?? 0,
    body: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
    text,
    header: (name) => response.headers[name]?.toString(),
  };
}

function post(cloud: PracticeCloud, url: string, fields: Record<string, string>): Promise<Reply> {
  return request(cloud, url, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(fields).toString(),
  });
}

/** The claims of a token, unchecked. */
export function claimsOf(token: string): Record<string, unknown> {
  const [, payload = ""] = token.split(".");
  return JSON.parse(Buffer.from(payload, "base64url").toString()) as Record<string, unknown>;
}

/** An access token of a practice user, got as the device page would hand it out. */
export async function userToken(served: ServedCloud, user: string, scope: string): Promise<string> {
  const { clientId } = served;
  const started = await served.post(served.devicePath, { client_id: clientId, scope });
  const { user_code: code, device_code } = started.body as Record<string, string>;
  const submit = (fields: Record<string, string>) =>
    request(served.cloud, `${served.pages}/devicelogin`, {
      method: "POST",
      body: new URLSearchParams({ code: code ?? "", user, ...fields }).toString(),
    });
  const page = await submit({});
  await submit({ answer: "approve", number: numberOn(page.text) });
  const fields = { grant_type: "device_code", client_id: clientId };
  const { body } = await served.post(served.tokenPath, {
    ...fields,
    device_code: device_code ?? "",
  });
  return String(body.access_token);
}

/** The stock client of the seeded account's lake, signed in as a practice user. */
export async function lakeClient(
  served: ServedCloud,
  user: string,
): Promise<DataLakeServiceClient> {
  const token = await userToken(served, user, "https://storage.azure.com/.default");
  const credential = {
    getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }),
  };
  const options = {
    tlsOptions: { ca: served.ca, lookup: toLoopback },
    retryOptions: { maxTries: 1 },
  };
  const url = `https://${served.account}.dfs.core.windows.net:${served.port}`;
  return new DataLakeServiceClient(url, credential, options as object);
}

/** The number that a page asks to match. */
export function numberOn(html: string): string {
  return /Number to match">(\d\d)</.exec(html)?.[1] ?? "";
}
