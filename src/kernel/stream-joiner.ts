import type { StreamPiece } from "./channel-messages.ts";

/** Characters in one message: readers show long output as it comes, and memory stays bounded. */
const LENGTH = 64 * 1024;

/** Joins pieces of text that belong together, and cuts long ones, without changing their order. */
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
      // All of its size leaves with its last part.
      const size = end >= text.length ? piece.size : 0;
      this.#send({ ...piece, text: text.slice(start, end), size });
      start = end;
    } while (start < text.length);
  }
}

/** Where to cut near `at` without parting the two halves of a character. */
function cut(text: string, at: number): number {
  const code = text.charCodeAt(at - 1);
  return at < text.length && code >= 0xd800 && code <= 0xdbff ? at + 1 : at;
}
