import { STATUS_CODES } from "node:http";
import { Refusal } from "../../principal.ts";
import { asRemoteException } from "../gen1/errors.ts";
import type { Call } from "./call.ts";
import { element, XML_DECLARATION } from "./xml.ts";

const DEFAULT_VERSION = "2023-11-03";

/** Says that what was written is encrypted on disk, as everything in the service is. */
export const ENCRYPTED = { "x-ms-request-server-encrypted": "true" };

type Headers = Readonly<Record<string, string | number | undefined>>;

/** Headers that every answer of the service has. */
function common(call: Call): Record<string, string> {
  const { headers } = call.request;
  const version = headers["x-ms-version"];
  const clientId = headers["x-ms-client-request-id"];
  const product = call.dialect === "blob" ? "Blob" : "HDFS";
  return {
    Server: `Windows-Azure-${product}/1.0 Microsoft-HTTPAPI/2.0`,
    "x-ms-request-id": call.requestId,
    "x-ms-version": typeof version === "string" ? version : DEFAULT_VERSION,
    ...(typeof clientId === "string" ? { "x-ms-client-request-id": clientId } : {}),
  };
}

/** Starts an answer; undefined header values are left out. */
export function begin(call: Call, status: number, headers: Headers = {}): void {
  const given = Object.entries(headers).filter(([, value]) => value !== undefined);
  call.response.writeHead(status, STATUS_CODES[status], {
    ...common(call),
    ...(Object.fromEntries(given) as Record<string, string | number>),
  });
}

/** Gives a whole answer; `body` is left out for HEAD. */
export function answer(call: Call, status: number, headers: Headers = {}, body?: string): void {
  const length = body === undefined ? 0 : Buffer.byteLength(body);
  begin(
    call,
    status,
    status === 204 || status === 304 ? headers : { "Content-Length": length, ...headers },
  );
  call.response.end(call.method === "HEAD" ? undefined : body);
}

export function answerJson(call: Call, status: number, body: string, headers: Headers = {}): void {
  answer(call, status, { "Content-Type": "application/json;charset=utf-8", ...headers }, body);
}

export function answerXml(call: Call, status: number, body: string, headers: Headers = {}): void {
  const text = `${XML_DECLARATION}${body}`;
  answer(call, status, { "Content-Type": "application/xml", ...headers }, text);
}

// What the blob dialect calls the things that the path dialect has another word for.
const BLOB_WORDS: Readonly<Record<string, string>> = {
  FilesystemNotFound: "ContainerNotFound",
  FilesystemAlreadyExists: "ContainerAlreadyExists",
  PathNotFound: "BlobNotFound",
  PathAlreadyExists: "BlobAlreadyExists",
  DirectoryNotEmpty: "DirectoryIsNotEmpty",
};
const BLOB_MESSAGES: Readonly<Record<string, string>> = {
  ContainerNotFound: "The specified container does not exist.",
  ContainerAlreadyExists: "The specified container already exists.",
  BlobNotFound: "The specified blob does not exist.",
  BlobAlreadyExists: "The specified blob already exists.",
};

/** How the blob dialect says what is refused. */
export function inBlobWords(refusal: Refusal): { code: string; message: string } {
  const code = BLOB_WORDS[refusal.code] ?? refusal.code;
  return { code, message: BLOB_MESSAGES[code] ?? refusal.message };
}

/** What the source of a copy refused, beside what the copy is refused for. */
function sourceElements(headers: Headers): string {
  const status = headers["x-ms-copy-source-status-code"];
  const code = headers["x-ms-copy-source-error-code"];
  if (status === undefined || code === undefined) return "";
  return element("CopySourceStatusCode", status) + element("CopySourceErrorCode", code);
}

/** Answers with an error in the caller's dialect: JSON for paths, XML for blobs, none for HEAD. */
export function answerError(call: Call, error: unknown): void {
  const refusal =
    error instanceof Refusal
      ? error
      : new Refusal(
          500,
          "InternalError",
          "The server encountered an internal error. Please retry the request.",
        );
  call.notes.code = call.dialect === "blob" ? inBlobWords(refusal).code : refusal.code;
  call.notes.reasons = refusal.reasons;
  const { response } = call;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, headers } = refusal;
  const { code, message: words } = call.dialect === "blob" ? inBlobWords(refusal) : refusal;
  const message = `${words}\nRequestId:${call.requestId}\nTime:${new Date().toISOString()}`;
  const all = { ...headers, "x-ms-error-code": code };
  if (call.dialect === "gen1") {
    const { status: shown, ...exception } = asRemoteException(refusal);
    const RemoteException = { ...exception, message: refusal.message };
    answerJson(call, shown, JSON.stringify({ RemoteException }), headers);
  } else if (status === 304 || call.method === "HEAD") {
    answer(call, status, all);
  } else if (call.dialect === "blob") {
    const parts = element("Code", code) + element("Message", message) + sourceElements(headers);
    answerXml(call, status, element("Error", parts, true), all);
  } else {
    answerJson(call, status, JSON.stringify({ error: { code, message } }), all);
  }
}
