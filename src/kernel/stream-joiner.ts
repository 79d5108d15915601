import type { StreamPiece } from "./channel-messages.ts";

/** Maximum characters in a message: long output appears as it comes, and memory is bounded. */
const LENGTH = 64 * 1024;

/** Joins consecutive pieces of the same stream, and cuts long ones, keeping their order. */
export class StreamJoiner {
  #joined: StreamPiece | undefined;
  readonly #send: (piece: StreamPiece) => void;

  constructor(send: (piece: StreamPiece) => void) {
    this.#send = send;
  }

  add(piece: StreamPiece): void {
    const before = this.#joined;
    if (before && (before.name !== piece.name || before.parent.msg_id !== piece.parent.msg_id)) {
      this.flush();
    }
    if (!this.#joined) setImmediate(() => this.flush());
    const { text = "", size = 0 } = this.#joined ?? {};
    this.#joined = { ...piece, text: text + piece.text, size: size + piece.size };
    if (this.#joined.text.length >= LENGTH) this.flush();
  }

  flush(): void {
    const piece = this.#joined;
    this.#joined = undefined;
    if (!piece) return;
    const { text } = piece;
    let start = 0;
    do {
      const end = cut(text, start + LENGTH);
      // Its size is counted with its last part.
      const size = end >= text.length ? piece.size : 0;
      this.#send({ ...piece, text: text.slice(start, end), size });
      start = end;
    } while (start < text.length);
  }
}

/** Where to cut near `at` without splitting a surrogate pair. */
function cut(text: string, at: number): number {
  const code = text.charCodeAt(at - 1);
  return at < text.length && code >= 0xd800 && code <= 0xdbff ? at + 1 : at;
}
