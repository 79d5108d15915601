import type { ConnectionInfo, Message, MessageHeader } from "./wire.ts";

/**
 * Messages between the two threads of the kernel. The main thread runs cells; the channel thread
 * has the sockets, so that messages are sent and interrupts arrive while a cell blocks.
 */

export interface ChannelThreadData {
  readonly connection: ConnectionInfo;
  /** Int32 counters, by `Shared`. */
  readonly shared: SharedArrayBuffer;
}

/** Indices in the shared memory of the two threads. */
export const Shared = {
  /** Bytes that are not sent yet. */
  unsent: 0,
  /** 1 once all was sent and the sockets are closed. */
  closed: 1,
  /** 1 while the main thread runs the kernel's own code, which must not be terminated. */
  protected: 2,
  length: 3,
} as const;

/** A message for a client; `content` is JSON. */
export interface Outgoing {
  readonly type: string;
  readonly content: string;
  readonly parent: Partial<MessageHeader>;
  readonly metadata?: Record<string, unknown>;
  readonly buffers?: readonly Uint8Array[];
}

export interface StreamPiece {
  readonly name: string;
  readonly text: string;
  readonly parent: Partial<MessageHeader>;
  /** What it adds to `Shared.unsent`. */
  readonly size: number;
}

/** The request whose cell runs now. */
export type RunningCell = Pick<Message, "identities" | "header">;

export type ToChannels =
  /** To every client; `size` is what it adds to `Shared.unsent`. */
  | { readonly op: "publish"; readonly message: Outgoing; readonly size: number }
  /** Text that a cell wrote to standard output or error. */
  | { readonly op: "stream"; readonly piece: StreamPiece }
  /** To the client whose request it answers. */
  | {
      readonly op: "reply";
      readonly channel: "shell" | "control" | "stdin";
      readonly identities: readonly Uint8Array[];
      readonly message: Outgoing;
    }
  | { readonly op: "running"; readonly cell: RunningCell | undefined }
  /** The main thread got SIGINT. */
  | { readonly op: "signalled" }
  /** The main thread's event loop turned: an interrupt reached it. */
  | { readonly op: "reached" }
  /** Tell by `read` when the requests that have come were passed on. */
  | { readonly op: "read" }
  /** The kernel does the last work of cells, and ends within so many milliseconds. */
  | { readonly op: "ending"; readonly within: number }
  /** Send what is left and close. */
  | { readonly op: "close" };

export type FromChannels =
  | { readonly op: "listening" }
  | { readonly op: "failed"; readonly code: string; readonly message: string }
  | { readonly op: "request"; readonly channel: "shell" | "control"; readonly message: Message }
  | { readonly op: "input"; readonly value: string }
  | { readonly op: "read" }
  | { readonly op: "interrupt" }
  | { readonly op: "end" };
