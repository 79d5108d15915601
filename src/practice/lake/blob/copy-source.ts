import { createHash } from "node:crypto";
import { Refusal } from "../../service-refusal.ts";
import { demand } from "../access/demand.ts";
import { existing, locate, type PathOperation } from "../access/operation.ts";
import { checkPlace } from "../onelake/onelake-rules.ts";
import { ONELAKE, placeOnOneLake } from "../onelake/workspaces.ts";
import { demandOnline } from "../operations/demand-state.ts";
import { SMALL } from "../storage/byte-files.ts";
import type { BlockStart, Segment } from "../storage/bytes.ts";
import type { Store } from "../storage/lake-store.ts";
import type { Node } from "../storage/node.ts";
import { inBlobWords } from "../wire/answer.ts";
import { checkSourceConditions } from "../wire/conditions.ts";
import { type Call, header, place } from "../wire/lake-call.ts";
import { rangeIn } from "../wire/ranges.ts";
import { refuse, refuseHeader, refuseSource } from "../wire/refusals.ts";

/** The source of a copy, as it was when the copy began. */
export interface CopySource extends PathOperation {
  readonly node: Node;
  /** Its URL without the signature. */
  readonly url: string;
  /** Its bytes, which are kept until `release`. */
  readonly parts: readonly Segment[];
  readonly blocks: readonly BlockStart[];
  release(): Promise<void>;
}

/**
 * The blob that `x-ms-copy-source` names, in this account or in another of the practice cloud, when
 * its reader is authorized and it meets the `x-ms-source-if-` conditions. The reader is the signer
 * of a SAS in the URL, or else the caller of `x-ms-copy-source-authorization`.
 *
 * @param isOwn whether the request's caller may read a source in the same account, as "Copy Blob"
 *   allows
 * @throws Refusal `CannotVerifyCopySource` with the status of the source's refusal
 */
export async function copySourceOf(operation: PathOperation, isOwn = false): Promise<CopySource> {
  const { call } = operation;
  const text = header(call, "x-ms-copy-source") ?? "";
  if (!URL.canParse(text)) throw refuseHeader("x-ms-copy-source");
  const { account, path, isOneLake } = findSource(new URL(text));
  const store = operation.storeOf(account, isOneLake);
  if (!store) throw refuse("CannotVerifyCopySource");
  try {
    const query = new URL(text).searchParams;
    const { oneLake: _oneLake, ...rest } = call;
    const asked: Call = { ...rest, account, ...place(path), query, method: "GET" };
    const sourceCall = isOneLake ? placeOnOneLake(asked, store) : asked;
    if (isOneLake) checkPlace(sourceCall, sourceCall.names, store);
    const caller =
      isOwn && store === operation.store && !query.has("sig")
        ? operation.caller
        : await operation.identify(sourceCall, sourceAuthorization(call, query));
    const from = locate({ ...operation, store, call: sourceCall, caller });
    demand(from, "read");
    const node = existing(from);
    if (node.directory) throw refuse("InvalidSourceUri");
    checkSourceConditions(call, node, isOwn ? "SourceConditionNotMet" : "ConditionNotMet");
    if (!isOwn) demandOnline(node);
    const bare = text.split("?", 1)[0] ?? "";
    const snapshot = query.get("snapshot");
    const parts = store.bytes.segments(node.id);
    const release = store.bytes.files.hold(parts.map(({ file }) => file));
    const url = snapshot === null ? bare : `${bare}?snapshot=${encodeURIComponent(snapshot)}`;
    return { ...from, node, url, parts, blocks: store.bytes.blockStarts(node.id), release };
  } catch (error) {
    throw asSourceRefusal(error);
  }
}

/** A storage account's host name, or a loopback host with the account first in the path. */
function findSource({ hostname, pathname }: URL) {
  if (/^(?:[a-z0-9]+-)?onelake\.(?:blob|dfs)\.fabric\.microsoft\.com$/.test(hostname)) {
    return { account: ONELAKE, path: pathname, isOneLake: true };
  }
  const [, byHost] =
    /^([a-z0-9]{3,24})\.(?:(?:blob|dfs)\.core\.|z12\.(?:blob|dfs)\.storage\.)/.exec(hostname) ?? [];
  if (byHost !== undefined) return { account: byHost, path: pathname, isOneLake: false };
  const isLoopback = hostname === "127.0.0.1" || hostname === "localhost";
  const [, account, path] = /^\/([a-z0-9]{3,24})(\/.+)$/.exec(pathname) ?? [];
  if (!isLoopback || !account || !path) throw refuse("CannotVerifyCopySource");
  return { account, path, isOneLake: account === ONELAKE };
}

function sourceAuthorization(call: Call, query: URLSearchParams): string | undefined {
  if (query.has("sig")) return undefined;
  const given = header(call, "x-ms-copy-source-authorization");
  if (given !== undefined && !/^Bearer /i.test(given)) {
    throw refuseHeader("x-ms-copy-source-authorization");
  }
  return given;
}

/** The source's refusal as the answer to a copy ("Copy API error response"). */
function asSourceRefusal(error: unknown): unknown {
  if (!(error instanceof Refusal) || OWN_REFUSALS.includes(error.code)) return error;
  const { code, message } = inBlobWords(error);
  const refusal = refuseSource(error.status, message, {
    "x-ms-copy-source-status-code": String(error.status),
    "x-ms-copy-source-error-code": code,
  });
  return refusal.because(...error.reasons);
}

// Refusals of the copy itself, which are not the source's.
const OWN_REFUSALS = ["SourceConditionNotMet", "InvalidHeaderValue", "InvalidSourceUri"];

/** Segments that are kept until `release`, although no content refers to them yet. */
interface ReceivedParts {
  readonly parts: readonly Segment[];
  /** Removes those that no content refers to by then. */
  release(): Promise<void>;
}

/**
 * Reads the range of `x-ms-copy-source` that `x-ms-source-range` names, or all of it.
 *
 * @param limit most bytes of the range, and the refusal of a larger one
 * @param keep makes the segments content of a blob
 * @returns MD5 of the bytes in base64, if the request has one to compare with
 */
export async function readSource(
  operation: PathOperation,
  limit: { readonly bytes: number; readonly refusal?: Refusal },
  keep: (parts: readonly Segment[], source: CopySource) => Promise<unknown>,
): Promise<string | undefined> {
  const { call, store } = operation;
  const source = await copySourceOf(operation);
  try {
    const range = rangeIn(header(call, "x-ms-source-range"), source.node.size);
    const size = range?.length ?? source.node.size;
    if (size > limit.bytes) throw limit.refusal ?? refuse("RequestBodyTooLarge");
    const parts = range
      ? source.store.bytes.parts(source.node.id, range.start, range.length)
      : source.parts;
    const md5 = await checkSourceMd5(source, parts);
    const received = await receiveParts(store, source, parts);
    try {
      await keep(received.parts, source);
    } finally {
      await received.release();
    }
    return md5;
  } finally {
    await source.release();
  }
}

/** Refuses a source whose MD5 is not `x-ms-source-content-md5`. */
async function checkSourceMd5(
  { call, store }: CopySource,
  parts: readonly Segment[],
): Promise<string | undefined> {
  const given = header(call, "x-ms-source-content-md5");
  if (given === undefined) return undefined;
  const hash = createHash("md5");
  for await (const chunk of store.bytes.readParts(parts)) hash.update(chunk as Buffer);
  const digest = hash.digest("base64");
  if (digest !== given) throw refuse("Md5Mismatch");
  return digest;
}

/**
 * Segments of a source in the files of an account: shared within it; from another account, whole
 * sources are copied on disk, without reading them into memory.
 */
export async function receiveParts(
  store: Store,
  source: CopySource,
  parts: readonly Segment[],
): Promise<ReceivedParts> {
  if (source.store === store) return { parts, release: async () => undefined };
  const { files } = store.bytes;
  if (parts !== source.parts || source.node.size <= SMALL) {
    const { file, offset, length, release } = await files.store(
      source.store.bytes.readParts(parts),
    );
    return { parts: [{ start: 0, length, file, offset }], release };
  }
  const copies = new Map<number, number>();
  const releases: (() => Promise<void>)[] = [];
  const release = async () => {
    for (const letGo of releases) await letGo();
  };
  try {
    for (const { file } of parts) {
      if (copies.has(file)) continue;
      const copy = await files.adopt(source.store.bytes.files, file);
      copies.set(file, copy);
      releases.push(files.hold([copy]));
    }
  } catch (error) {
    await release();
    throw error;
  }
  const moved = parts.map((part) => ({ ...part, file: copies.get(part.file) ?? part.file }));
  return { parts: moved, release };
}
