import { setTimeout as sleep } from "node:timers/promises";
import { AccountError } from "../core/errors.ts";

/** Resource Manager may tell of the past for a while. */
const WAITS = [200, 500, 1000, 2000, 4000, 8000, 15_000];

/**
 * Looks whether something that was deleted is gone, until it is.
 *
 * @param what as messages have it: `the account mylake`
 * @param waits milliseconds between one look and the next
 * @throws AccountError `NOT_DELETED` when it is still there after half a minute
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

/** Whether what `get` asks for is there; where the caller may not look, the deletion's word counts. */
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
