import { demand } from "../access/demand.ts";
import { existing, locate, type PathOperation } from "../access/operation.ts";
import { flushAppended } from "../operations/flush-appended.ts";
import { putPath } from "../operations/put-path.ts";
import type { Segment } from "../storage/bytes.ts";
import type { Node } from "../storage/node.ts";
import { answer, begin } from "../wire/answer.ts";
import { readText } from "../wire/body.ts";
import { sendFailing, touchesBody } from "../wire/inject-faults.ts";
import { count, flag, place } from "../wire/lake-call.ts";
import { checkLease } from "../wire/leases.ts";
import { refuse } from "../wire/refusals.ts";
import { sendBytes } from "../wire/send-bytes.ts";
import { requestedAccessOf } from "./namespace-operations.ts";

/**
 * Redirects a client that did not ask for data with `ready`, as WebHDFS does; here to the same
 * host.
 */
function redirect({ call }: PathOperation, ready: string): boolean {
  if (flag(call, ready)) return false;
  const location = `https://${call.request.headers.host}${call.request.url}&${ready}=true`;
  answer(call, 307, { Location: location });
  return true;
}

function fileOf(operation: PathOperation): Node {
  const node = existing(operation);
  if (node.directory) throw refuse("PathConflict");
  return node;
}

/** OPEN: `length` bytes from `offset` on. */
export async function open(operation: PathOperation): Promise<void> {
  const { call, store, faults } = operation;
  demand(operation, "read");
  const file = fileOf(operation);
  if (redirect(operation, "read")) return;
  const offset = count(call, "offset", 0);
  if (offset > file.size) throw refuse("BadOffset");
  const length = Math.min(count(call, "length", file.size), file.size - offset);
  begin(call, 200, { "Content-Type": "application/octet-stream", "Content-Length": length });
  if (length === 0) {
    call.response.end();
    return;
  }
  if (touchesBody(faults)) {
    await sendFailing(store.bytes.read(file.id, offset, length), call.response, faults);
  } else {
    await sendBytes(store.bytes, { node: file.id, start: offset, length }, call.response);
  }
}

/** CREATE: writes the request's body to a file. */
export async function create(operation: PathOperation): Promise<void> {
  const { call, store, node } = operation;
  demand(operation, node ? "overwrite" : "create");
  if (redirect(operation, "write")) return;
  if (node?.directory) throw refuse("PathConflict");
  if (node && !flag(call, "overwrite")) throw refuse("PathAlreadyExists");
  const { file, offset, length, release } = await store.bytes.files.store(call.request);
  try {
    const current = locate(operation);
    if (current.node) checkLease(call, current.node.lease, "write");
    await store.replace(
      () => putPath(current, false, { size: length }, requestedAccessOf(operation)),
      [{ start: 0, length, file, offset }],
    );
  } finally {
    await release();
  }
  answer(call, 201);
}

/** APPEND: `offset`, if given, must be the end of the file. */
export async function append(operation: PathOperation): Promise<void> {
  const { call, store } = operation;
  const isConcurrent = (call.query.get("op") ?? "").toUpperCase() === "CONCURRENTAPPEND";
  if (!operation.node && isConcurrent) {
    demand(operation, "create");
    store.tree.transact(() => putPath(operation, false, {}, requestedAccessOf(operation)));
  }
  const current = locate(operation);
  demand(current, "append");
  const file = fileOf(current);
  if (!isConcurrent && redirect(operation, "append")) return;
  // Locked: two appends at the same offset must not both succeed.
  await store.uploads.lock.run(file.id, async () => {
    const { size } = fileOf(locate(operation));
    if (count(call, "offset", size) !== size) throw refuse("BadOffset");
    await store.uploads.append({ ...file, size }, size, call.request);
    await flushAppended(store, file);
  });
  answer(call, 200);
}

/** CONCAT and MSCONCAT: appends files to this one, and removes them. */
export async function concat(operation: PathOperation): Promise<void> {
  const { call, store } = operation;
  const isNew = (call.query.get("op") ?? "").toUpperCase() === "MSCONCAT";
  const listed = await sourcesOf(operation);
  const current = locate(operation);
  demand(current, current.node ? "overwrite" : "create");
  if (!isNew) fileOf(current);
  const sources = listed.map((names) => {
    const source = locate({ ...operation, call: { ...call, names } });
    demand(source, "remove");
    return fileOf(source);
  });
  if (sources.length === 0 || new Set(sources.map(({ id }) => id)).size !== sources.length) {
    throw refuse("InvalidInput");
  }
  const parts =
    current.node && !sources.some(({ id }) => id === current.node?.id)
      ? [current.node, ...sources]
      : sources;
  const segments: Segment[] = [];
  let size = 0;
  for (const part of parts) {
    const start = size;
    for (const one of store.bytes.segments(part.id))
      segments.push({ ...one, start: start + one.start });
    size += part.size;
  }
  const made = await store.replace(
    () => putPath(current, false, { size }, requestedAccessOf(operation)),
    segments,
  );
  for (const source of sources) if (source.id !== made.id) store.detach(source);
  if (flag(call, "deletesourcedirectory")) removeEmptied(operation, listed[0] ?? []);
  answer(call, 200);
}

async function sourcesOf({ call }: PathOperation): Promise<string[][]> {
  const body = call.query.get("sources") ?? (await readText(call));
  const list = body.trimStart().startsWith("{")
    ? (JSON.parse(body) as { sources?: unknown }).sources
    : body.replace(/^sources=/, "").split(",");
  if (!Array.isArray(list)) throw refuse("InvalidInput");
  return list
    .map(String)
    .filter((path) => path !== "")
    .map((path) => place(`/-/${encodeURIComponent(path)}`).names);
}

/** Removes the directory of the joined files, if it is empty. */
function removeEmptied(operation: PathOperation, names: readonly string[]): void {
  const directory = locate({
    ...operation,
    call: { ...operation.call, names: names.slice(0, -1) },
  });
  const { node } = directory;
  if (!node || names.length < 2) return;
  if (operation.store.tree.children(node.id, "", 1).length === 0) operation.store.detach(node);
}

/** SETEXPIRY; times in milliseconds. */
export function setExpiry(operation: PathOperation): void {
  const { call, store } = operation;
  demand(operation, "write");
  const file = fileOf(operation);
  const option = (call.query.get("expiryoption") ?? "").toLowerCase();
  const time = count(call, "expiretime", 0);
  const from = { absolute: 0, relativetonow: Date.now(), relativetocreationdate: file.created }[
    option
  ];
  if (from === undefined && option !== "neverexpire") throw refuse("InvalidInput");
  const expires = from === undefined ? null : from + time;
  if (expires !== null && expires <= Date.now()) throw refuse("InvalidInput");
  store.tree.touch(file.id, { expires });
  store.expectExpiry(expires);
  answer(call, 200);
}
