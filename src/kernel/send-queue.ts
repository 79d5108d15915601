import { setTimeout as sleep } from "node:timers/promises";

/** The part of a ZeroMQ socket used here. */
interface Sendable {
  send(frames: Uint8Array[]): Promise<void>;
}

interface Queued {
  readonly frames: Uint8Array[];
  readonly sent: (() => void) | undefined;
}

/**
 * Sends messages on one socket in order. A ZeroMQ socket allows one pending send: another one
 * throws `EBUSY`.
 */
export class SendQueue {
  readonly #send: (frames: Uint8Array[]) => Promise<void>;
  #queued: Queued[] = [];
  #working: Promise<void> | undefined;

  constructor(send: (frames: Uint8Array[]) => Promise<void>) {
    this.#send = send;
  }

  /** `sent` is called when the socket has taken the message, or failed to. */
  add(frames: Uint8Array[], sent?: () => void): void {
    this.#queued.push({ frames, sent });
    this.#working ??= this.#work();
  }

  /** Resolves when everything added so far was sent. */
  async drained(): Promise<void> {
    await this.#working;
  }

  async #work(): Promise<void> {
    while (this.#queued.length > 0) {
      const batch = this.#queued;
      this.#queued = [];
      for (const { frames, sent } of batch) {
        try {
          await this.#send(frames);
        } catch {
          // The socket was closed or its peer disconnected.
        }
        sent?.();
      }
    }
    this.#working = undefined;
  }
}

/** Milliseconds without progress after which a subscriber counts as stuck. */
const STUCK_MS = 60_000;
const RETRY_MS = 5;
/** Milliseconds between attempts to send to a stuck subscriber. */
const TRY_AGAIN_MS = 1000;

/**
 * Sends to all subscribers at the pace of the slowest: for each, at most the high-water mark of
 * messages is in memory. A subscriber that reads nothing for a minute is stuck: it misses messages
 * until it reads again, and the others no longer wait.
 */
export function publishPatiently(
  socket: Sendable & { noDrop: boolean },
  stuckAfter = STUCK_MS,
): (frames: Uint8Array[]) => Promise<void> {
  let tryAgainAt: number | undefined;
  socket.noDrop = true;
  return async (frames) => {
    let deadline = performance.now() + stuckAfter;
    if (tryAgainAt !== undefined) {
      if (performance.now() < tryAgainAt) return socket.send(frames);
      socket.noDrop = true;
      deadline = 0;
    }
    for (;;) {
      try {
        await socket.send(frames);
        tryAgainAt = undefined;
        return;
      } catch (error) {
        // The queue of some subscriber is full.
        if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      }
      if (performance.now() >= deadline) break;
      await sleep(RETRY_MS);
    }
    tryAgainAt = performance.now() + TRY_AGAIN_MS;
    socket.noDrop = false;
    await socket.send(frames);
  };
}
