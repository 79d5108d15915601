import { type ServerResponse, STATUS_CODES } from "node:http";
import { isDiskFull } from "../../practice-error.ts";
import { reportFailure } from "../../requests/report-failure.ts";
import { Refusal } from "../../service-refusal.ts";
import { element, XML_DECLARATION } from "../xml/write-xml.ts";
import type { Call } from "./lake-call.ts";
import { DetailedRefusal, KNOWN, type RefusalCode, refuse } from "./refusals.ts";
import { asRemoteException } from "./remote-exception.ts";

const DEFAULT_VERSION = "2023-11-03";

/** Every write is encrypted in the service. */
export const ENCRYPTED = { "x-ms-request-server-encrypted": "true" };

type Headers = Readonly<Record<string, string | number | undefined>>;

/** Headers that every answer of the service has. */
function common(call: Call): Record<string, string> {
  const { headers } = call.request;
  const version = headers["x-ms-version"];
  const clientId = headers["x-ms-client-request-id"];
  const product = call.dialect === "blob" ? "Blob" : "HDFS";
  const all: Record<string, string> = {
    Server: `Windows-Azure-${product}/1.0 Microsoft-HTTPAPI/2.0`,
    "x-ms-request-id": call.requestId,
    "x-ms-version": typeof version === "string" ? version : DEFAULT_VERSION,
  };
  if (typeof clientId === "string") all["x-ms-client-request-id"] = clientId;
  return all;
}

/**
 * Starts an answer; undefined headers are left out.
 *
 * @param reason phrase after the status
 */
export function begin(
  call: Call,
  status: number,
  headers: Headers = {},
  reason = STATUS_CODES[status] ?? "",
): void {
  const all: Record<string, string | number> = common(call);
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) all[name] = value;
  exposeHeaders(call.response, all);
  call.response.writeHead(status, reason, all);
}

/** Sends an answer, for HEAD without `body`. */
export function answer(
  call: Call,
  status: number,
  headers: Headers = {},
  body?: string,
  reason?: string,
): void {
  const length = body === undefined ? 0 : Buffer.byteLength(body);
  const isBare = status === 204 || status === 304;
  begin(call, status, isBare ? headers : { "Content-Length": length, ...headers }, reason);
  call.response.end(call.method === "HEAD" ? undefined : body);
}

export function answerJson(
  call: Call,
  status: number,
  body: string,
  headers: Headers = {},
  reason?: string,
): void {
  const all = { "Content-Type": "application/json;charset=utf-8", ...headers };
  answer(call, status, all, body, reason);
}

/** Sends a document, with a byte order mark as in the service. */
export function answerXml(
  call: Call,
  status: number,
  body: string,
  headers: Headers = {},
  reason?: string,
): void {
  const text = `\uFEFF${XML_DECLARATION}${body}`;
  answer(call, status, { "Content-Type": "application/xml", ...headers }, text, reason);
}

// Codes of the Blob endpoint where the Data Lake endpoint has others.
const BLOB_WORDS: Readonly<Record<string, RefusalCode>> = {
  FilesystemNotFound: "ContainerNotFound",
  FilesystemAlreadyExists: "ContainerAlreadyExists",
  FilesystemBeingDeleted: "ContainerBeingDeleted",
  PathNotFound: "BlobNotFound",
  PathAlreadyExists: "BlobAlreadyExists",
  DirectoryNotEmpty: "DirectoryIsNotEmpty",
};
/** A refusal with the code of the Blob endpoint. */
export function inBlobWords(
  refusal: Refusal,
  thing: "blob" | "container" = "blob",
): { code: string; message: string } {
  const word = BLOB_WORDS[refusal.code];
  const code = word ?? refusal.code;
  const message = word ? KNOWN[word][1] : refusal.message;
  const isLease = code.startsWith("Lease");
  return { code, message: isLease ? message.replace(/the resource\b/, `the ${thing}`) : message };
}

/** Details beside the message, by name. */
function detailsOf(call: Call, refusal: Refusal): Readonly<Record<string, string>> {
  if (!(refusal instanceof DetailedRefusal)) return {};
  const { HeaderName: name } = refusal.details;
  if (name === undefined) return refusal.details;
  return { HeaderName: name, HeaderValue: call.request.headers[name]?.toString() ?? "" };
}

/** The refusal of a copy's source, in the answer to the copy. */
function sourceElements(headers: Headers): string {
  const status = headers["x-ms-copy-source-status-code"];
  const code = headers["x-ms-copy-source-error-code"];
  if (status === undefined || code === undefined) return "";
  return element("CopySourceStatusCode", status) + element("CopySourceErrorCode", code);
}

function urlOf({ account, request }: Call): URL | undefined {
  const url = `https://${request.headers.host ?? account}${request.url ?? "/"}`;
  return URL.canParse(url) ? new URL(url) : undefined;
}

/** The answer to a failure of the practice cloud itself. A full disk is not to be retried. */
function refuseForFailure(error: unknown): Refusal {
  return isDiskFull(error)
    ? new Refusal(
        507,
        "InsufficientStorage",
        "There is no space left on the disk of the practice cloud. Delete something, or make room.",
      )
    : refuse("InternalError");
}

/** Sends an error as the endpoint does: JSON for paths, XML for blobs, no body for HEAD. */
export function answerError(call: Call, error: unknown): void {
  const refusal = error instanceof Refusal ? error : refuseForFailure(error);
  call.notes.code = call.dialect === "blob" ? inBlobWords(refusal).code : refusal.code;
  call.notes.reasons = refusal.reasons;
  if (refusal !== error) reportFailure({ ...call, url: urlOf(call) }, error, call.requestId);
  const { response } = call;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, headers } = refusal;
  // Counted in the raw path, as parsing it may be what failed.
  const depth = call.rawPath.split("/").filter((name) => name !== "").length;
  const thing = depth < 2 ? "container" : "blob";
  const { code, message: words } = call.dialect === "blob" ? inBlobWords(refusal, thing) : refusal;
  const message = `${words}\nRequestId:${call.requestId}\nTime:${new Date().toISOString()}`;
  const all = { ...headers, "x-ms-error-code": code };
  if (call.dialect === "gen1") {
    const { status: shown, ...exception } = asRemoteException(refusal);
    const RemoteException = { ...exception, message: refusal.message };
    answerJson(call, shown, JSON.stringify({ RemoteException }), headers);
  } else if (status === 304 || call.method === "HEAD") {
    answer(call, status, all, undefined, words);
  } else if (call.dialect === "blob") {
    const details = Object.entries(detailsOf(call, refusal));
    const parts =
      element("Code", code) +
      element("Message", message) +
      details.map(([name, value]) => element(name, value)).join("") +
      sourceElements(headers);
    answerXml(call, status, element("Error", parts, true), all, words);
  } else {
    const detail = detailsOf(call, refusal).AuthenticationErrorDetail;
    const error = {
      code,
      message,
      ...(detail && { detail: { AuthenticationErrorDetail: detail } }),
    };
    answerJson(call, status, JSON.stringify({ error }), all, words);
  }
}

const EXPOSED = "Access-Control-Expose-Headers";

/** Notes which headers a page of another origin may read, by names and patterns. */
export function noteExposed(response: ServerResponse, patterns: readonly string[]): void {
  if (patterns.length > 0) response.setHeader(EXPOSED, [...patterns]);
}

/** Replaces the patterns by the names of the answer's headers. */
function exposeHeaders(response: ServerResponse, headers: object): void {
  const patterns = response.getHeader(EXPOSED);
  if (!Array.isArray(patterns)) return;
  const names = Object.keys(headers);
  const exposed = names.filter((name) => patterns.some((one) => covers(one, name.toLowerCase())));
  if (exposed.length > 0) response.setHeader(EXPOSED, exposed.join(","));
  else response.removeHeader(EXPOSED);
}

/** Whether a header matches a rule, which may end in `*`. */
export function covers(pattern: string, name: string): boolean {
  const lowered = pattern.toLowerCase();
  return lowered.endsWith("*") ? name.startsWith(lowered.slice(0, -1)) : name === lowered;
}
