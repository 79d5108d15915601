import { setTimeout as sleep } from "node:timers/promises";
import { AccountError } from "../core/errors.ts";

/** Milliseconds: Resource Manager may be behind for a while. */
const WAITS = [200, 500, 1000, 2000, 4000, 8000, 15_000];

/**
 * Polls until something that was deleted is gone.
 *
 * @param what for messages: `the account mylake`
 * @param waits milliseconds between two polls
 * @throws AccountError `NOT_DELETED` when it exists after half a minute
 */
export async function confirmGone(
  what: string,
  isThere: () => Promise<boolean>,
  signal: AbortSignal | undefined,
  waits: readonly number[] = WAITS,
): Promise<void> {
  for (const wait of waits) {
    if (!(await isThere())) return;
    await sleep(wait, undefined, signal && { signal });
  }
  throw new AccountError("NOT_DELETED", `${what} is still there`, {
    hint: "Its deletion was accepted, and has not come about. Look again in a few minutes.",
  });
}

/** Whether `get` finds a resource; false when the caller may not look. */
export async function isThere(get: () => Promise<unknown>): Promise<boolean> {
  try {
    await get();
    return true;
  } catch (error) {
    if (error instanceof AccountError && ["NOT_FOUND", "FORBIDDEN"].includes(error.code))
      return false;
    throw error;
  }
}
