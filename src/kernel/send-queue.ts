import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";

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

/** What of a publisher is used here. */
type Publisher = Sendable & { noDrop: boolean; sendHighWaterMark: number };

/** Milliseconds without progress after which a subscriber counts as stuck. */
const STUCK_MS = 60_000;
/** Milliseconds between attempts to send to a stuck subscriber. */
const TRY_AGAIN_MS = 1000;
/** Messages in memory for each subscriber while one is stuck: beyond them, any misses some. */
const STUCK_MESSAGES = 256;
/** Attempts, one a turn of the event loop, before there is a rest between them. */
const QUICK_ATTEMPTS = 50;
const REST_MS = 1;

/**
 * Sends to all subscribers at the pace of the slowest. ZeroMQ takes a message when it has begun to
 * send the one before to each of them. A subscriber that reads nothing for a minute is stuck: it misses
 * messages until it reads again, and the others no longer wait.
 */
export function publishPatiently(
  socket: Publisher,
  stuckAfter = STUCK_MS,
): (frames: Uint8Array[]) => Promise<void> {
  let tryAgainAt: number | undefined;
  const wait = (on: boolean) => {
    socket.noDrop = on;
    socket.sendHighWaterMark = on ? 1 : STUCK_MESSAGES;
  };
  wait(true);
  return async (frames) => {
    let deadline = performance.now() + stuckAfter;
    if (tryAgainAt !== undefined) {
      if (performance.now() < tryAgainAt) return socket.send(frames);
      wait(true);
      deadline = 0;
    }
    for (let attempt = 0; ; attempt++) {
      try {
        await socket.send(frames);
        tryAgainAt = undefined;
        return;
      } catch (error) {
        // The queue of some subscriber is full.
        if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      }
      if (performance.now() >= deadline) break;
      await (attempt < QUICK_ATTEMPTS ? nextTurn() : sleep(REST_MS));
    }
    tryAgainAt = performance.now() + TRY_AGAIN_MS;
    wait(false);
    await socket.send(frames);
  };
}
