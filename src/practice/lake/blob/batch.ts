import { randomUUID } from "node:crypto";
import { IncomingMessage, ServerResponse } from "node:http";
import { Duplex } from "node:stream";
import type { Operation } from "../access/operation.ts";
import { begin } from "../wire/answer.ts";
import { readText } from "../wire/body.ts";
import { type Call, header, openCall, placeCall } from "../wire/lake-call.ts";
import { refuse } from "../wire/refusals.ts";

const MAX_REQUESTS = 256;
const LINE = "\r\n";

/**
 * POST ?comp=batch ("Blob Batch"): requests to delete blobs or to set their tiers, each with its own
 * authorization and answer.
 */
export async function runBatch(operation: Operation): Promise<void> {
  const { call } = operation;
  const requests = readParts(call, await readText(call));
  if (requests.length === 0) throw refuse("InvalidInput");
  if (requests.length > MAX_REQUESTS) throw refuse("ExceedsMaxBatchRequestCount");
  // All are parsed before the first is run, so that a malformed batch changes nothing.
  const calls = requests.map(({ id, head }) => ({ id, ...innerCall(operation, head) }));
  const boundary = `batchresponse_${randomUUID()}`;
  const parts: string[] = [];
  for (const { id, inner, written } of calls) {
    await operation.answerCall(inner);
    const { statusCode: status } = inner.response;
    call.notes.parts = [...(call.notes.parts ?? []), { ...inner.notes, status }];
    const headers = ["Content-Type: application/http", `Content-ID: ${id}`];
    parts.push([`--${boundary}`, ...headers, "", written(), ""].join(LINE));
  }
  const body = `${parts.join("")}--${boundary}--${LINE}`;
  begin(call, 202, {
    "Content-Type": `multipart/mixed; boundary=${boundary}`,
    "Content-Length": Buffer.byteLength(body),
  });
  call.response.end(body);
}

/** The requests in a batch, each with its Content-ID. */
function readParts(call: Call, body: string): { id: string; head: string }[] {
  const type = header(call, "content-type") ?? "";
  const boundary = /^multipart\/mixed;\s*boundary="?([^";\s]+)"?/i.exec(type)?.[1];
  if (boundary === undefined) throw refuse("InvalidInput");
  const parts = body.split(`--${boundary}`).slice(1, -1);
  return parts.map((part) => {
    const [envelope = "", head = ""] = part.trim().split(/\r?\n\r?\n/);
    const id = /^Content-ID:\s*(\S+)$/im.exec(envelope)?.[1];
    if (id === undefined || !/^Content-Type:\s*application\/http/im.test(envelope)) {
      throw refuse("InvalidInput");
    }
    return { id, head };
  });
}

/** A request in a batch as a call, and the text of its answer. */
function innerCall({ call }: Operation, head: string): { inner: Call; written: () => string } {
  const [start = "", ...lines] = head.split(/\r?\n/);
  const [, method = "", target = ""] = /^(DELETE|PUT) (\/\S+) HTTP\/1\.1$/.exec(start) ?? [];
  const request = new IncomingMessage(call.request.socket);
  Object.assign(request, { method, url: target, headers: readHeaders(lines) });
  request.push(null);
  const { response, written } = captureAnswer(request);
  const outer = (call.request.url ?? "").split("?", 1)[0] ?? "";
  // On a host for all accounts the target begins with the account, as the URL of the batch does.
  const prefix = outer.endsWith(call.rawPath) ? outer.slice(0, -call.rawPath.length) : outer;
  const [path = ""] = target.split("?", 1);
  if (!path.startsWith(`${prefix}/`)) throw refuse("InvalidInput");
  const asked = { account: call.account, path: path.slice(prefix.length), request, response };
  const inner: Call = { ...openCall({ ...asked, dialect: "blob" }), dialect: "blob" };
  const comp = inner.query.get("comp");
  if (`${method} ${comp ?? ""}` !== "DELETE " && `${method} ${comp}` !== "PUT tier") {
    throw refuse("InvalidInput");
  }
  const { fileSystem, names } = placeCall(inner);
  const isElsewhere = call.fileSystem !== "" && call.fileSystem !== fileSystem;
  if (isElsewhere || names.length === 0) throw refuse("InvalidInput");
  return { inner, written };
}

function readHeaders(lines: readonly string[]): Record<string, string> {
  const pairs = lines.map((line) => /^([^:]+):\s*(.*)$/.exec(line));
  return Object.fromEntries(
    pairs.flatMap((pair) => (pair ? [[(pair[1] ?? "").toLowerCase(), pair[2] ?? ""]] : [])),
  );
}

/** A response that is not sent, and its text. */
function captureAnswer(request: IncomingMessage) {
  const chunks: Buffer[] = [];
  const socket = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(chunk);
      done();
    },
  });
  const response = new ServerResponse(request);
  response.sendDate = false;
  response.assignSocket(socket as unknown as Parameters<ServerResponse["assignSocket"]>[0]);
  return { response, written: () => Buffer.concat(chunks).toString() };
}
