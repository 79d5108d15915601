import { setTimeout as sleep } from "node:timers/promises";

/** What a queue needs of a ZeroMQ socket. */
interface Sendable {
  send(frames: Uint8Array[]): Promise<void>;
}

interface Queued {
  readonly frames: Uint8Array[];
  readonly sent: (() => void) | undefined;
}

/**
 * Sends message after message on one socket, in the order they were added. The socket itself allows
 * one pending send: a second one meanwhile throws `EBUSY`.
 */
export class SendQueue {
  readonly #send: (frames: Uint8Array[]) => Promise<void>;
  #queued: Queued[] = [];
  #working: Promise<void> | undefined;

  constructor(send: (frames: Uint8Array[]) => Promise<void>) {
    this.#send = send;
  }

  /** `sent` is called once the message has left for the socket, or could not. */
  add(frames: Uint8Array[], sent?: () => void): void {
    this.#queued.push({ frames, sent });
    this.#working ??= this.#work();
  }

  /** Resolves when all that was added so far has left. */
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
          // The socket was closed, or its peer is gone: there is nobody to tell.
        }
        sent?.();
      }
    }
    this.#working = undefined;
  }
}

/** How long a reader may take nothing before others no longer wait for it, in milliseconds. */
const STUCK_MS = 60_000;
const RETRY_MS = 5;
/** How often a stuck reader is tried again. */
const TRY_AGAIN_MS = 1000;

/**
 * Sends to every subscriber, and waits for the slowest: at most as many messages as the socket's
 * high-water mark lie in memory for each. A subscriber that takes nothing for a minute is stuck:
 * until it reads again it misses messages, and nobody waits for it.
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
