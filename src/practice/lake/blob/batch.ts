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
 * POST ?comp=batch: requests inside a request, each with an authorization and an answer of its own
 * ("Blob Batch"). What may stand in it is deleting a blob and setting a blob's tier.
 */
export async function runBatch(operation: Operation): Promise<void> {
  const { call } = operation;
  const requests = readParts(call, await readText(call));
  if (requests.length === 0) throw refuse("InvalidInput");
  if (requests.length > MAX_REQUESTS) throw refuse("ExceedsMaxBatchRequestCount");
  // Read before the first is answered, so that a batch with a mistake does nothing.
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

/** The requests in a batch, each with the id that its answer has to have. */
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

/** A request in a batch as a call of its own, and what is written in answer to it. */
function innerCall({ call }: Operation, head: string): { inner: Call; written: () => string } {
  const [start = "", ...lines] = head.split(/\r?\n/);
  const [, method = "", target = ""] = /^(DELETE|PUT) (\/\S+) HTTP\/1\.1$/.exec(start) ?? [];
  const request = new IncomingMessage(call.request.socket);
  Object.assign(request, { method, url: target, headers: readHeaders(lines) });
  request.push(null);
  const { response, written } = captureAnswer(request);
  const outer = (call.request.url ?? "").split("?", 1)[0] ?? "";
  // On a host that serves every account the target begins with the account, as the batch's own.
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

/** A response that goes nowhere, and its text as it would have gone over the wire. */
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
