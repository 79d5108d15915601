import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";

/**
 * The part of the Jupyter wire protocol that kernel and runner need.
 * https://jupyter-client.readthedocs.io/en/stable/messaging.html
 */

/** What Jupyter writes into the connection file. */
export interface ConnectionInfo {
  readonly transport: string;
  readonly ip: string;
  readonly key: string;
  readonly signature_scheme: string;
  readonly shell_port: number;
  readonly control_port: number;
  readonly iopub_port: number;
  readonly stdin_port: number;
  readonly hb_port: number;
}

export interface MessageHeader {
  readonly msg_id: string;
  readonly msg_type: string;
  readonly session: string;
  readonly username: string;
  readonly date: string;
  readonly version: string;
}

export interface Message {
  /** ZeroMQ routing ids, or the topic on the IOPub socket. */
  readonly identities: readonly Uint8Array[];
  readonly header: MessageHeader;
  readonly parent: Partial<MessageHeader>;
  readonly metadata?: Record<string, unknown>;
  readonly content: Record<string, unknown>;
  /** Binary parts, as widgets send them. */
  readonly buffers?: readonly Uint8Array[];
}

/** A message to send; `content` may be the JSON text already. */
export interface OutgoingMessage extends Omit<Message, "content"> {
  readonly content: Record<string, unknown> | string;
}

export const PROTOCOL_VERSION = "5.4";
const DELIMITER = Buffer.from("<IDS|MSG>");

export function newHeader(type: string, session: string): MessageHeader {
  return {
    msg_id: randomUUID(),
    msg_type: type,
    session,
    username: "notelake",
    date: new Date().toISOString(),
    version: PROTOCOL_VERSION,
  };
}

/** The frames of a message, signed with the connection's key (HMAC-SHA256). */
export function pack(key: string, message: OutgoingMessage): Uint8Array[] {
  const { identities, header, parent, metadata = {}, content, buffers = [] } = message;
  const parts = [header, parent, metadata, content].map((part) =>
    Buffer.from(typeof part === "string" ? part : JSON.stringify(part)),
  );
  return [...identities, DELIMITER, Buffer.from(sign(key, parts)), ...parts, ...buffers];
}

/** @throws Error when the frames are not a Jupyter message or the signature is wrong */
export function unpack(key: string, frames: readonly Uint8Array[]): Message {
  const at = frames.findIndex((frame) => DELIMITER.equals(frame));
  const signature = frames[at + 1];
  const signed = frames.slice(at + 2, at + 6);
  if (at < 0 || !signature || signed.length < 4) throw new Error("not a Jupyter message");
  const expected = Buffer.from(sign(key, signed));
  if (expected.length !== signature.length || !timingSafeEqual(expected, signature)) {
    throw new Error("a Jupyter message with a wrong signature");
  }
  const [header, parent, metadata, content] = signed.map(parseObject);
  if (typeof header?.msg_type !== "string" || typeof header.msg_id !== "string") {
    throw new Error("a Jupyter message without msg_type or msg_id");
  }
  return {
    identities: frames.slice(0, at),
    header: header as unknown as MessageHeader,
    parent: parent ?? {},
    metadata: metadata ?? {},
    content: content ?? {},
    buffers: frames.slice(at + 6),
  };
}

function parseObject(part: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(part).toString());
  } catch {
    // Refused below, without quoting it: it may contain secrets.
  }
  if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  throw new Error("a Jupyter message whose parts are not JSON objects");
}

/** Hexadecimal signature; empty when the connection has no key, as the protocol specifies. */
function sign(key: string, parts: readonly Uint8Array[]): string {
  if (!key) return "";
  const hmac = createHmac("sha256", key);
  for (const part of parts) hmac.update(part);
  return hmac.digest("hex");
}

/** The socket address of one channel. */
export function channelAddress(
  connection: ConnectionInfo,
  channel: "shell" | "control" | "iopub" | "stdin" | "hb",
): string {
  const { transport, ip } = connection;
  const port = connection[`${channel}_port`];
  return transport === "ipc" ? `ipc://${ip}-${port}` : `${transport}://${ip}:${port}`;
}
