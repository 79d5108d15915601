import { expect, test } from "vitest";
import { confirmGone, isThere } from "../../src/account/confirm-gone.ts";
import type { ErrorCode } from "../../src/core/error-codes/error-codes.ts";
import { AccountError } from "../../src/core/errors.ts";

/** Something that is there for so many looks, or for ever. */
function lasting(looks: number) {
  const seen = { looks: 0 };
  return { seen, isThere: async () => ++seen.looks <= looks };
}

test("what is gone at once is looked for once", async () => {
  const { seen, isThere } = lasting(0);
  await confirmGone("the account mylake", isThere, undefined);
  expect(seen.looks).toBe(1);
});

test("what is still told of is looked for again, until it is gone", async () => {
  const { seen, isThere } = lasting(2);
  const begun = performance.now();
  await confirmGone("the account mylake", isThere, undefined);
  expect(seen.looks).toBe(3);
  expect(performance.now() - begun).toBeGreaterThan(650);
});

test("what is there after the last look is reported as not deleted", async () => {
  const { seen, isThere } = lasting(Number.POSITIVE_INFINITY);
  const waiting = confirmGone("the account mylake", isThere, undefined, [1, 1, 1]);
  await expect(waiting).rejects.toMatchObject({
    code: "NOT_DELETED",
    message: expect.stringContaining("the account mylake is still there"),
  });
  expect(seen.looks).toBe(3);
});

test("the wait ends with its signal", async () => {
  const { isThere } = lasting(Number.POSITIVE_INFINITY);
  const waiting = confirmGone("the account mylake", isThere, AbortSignal.timeout(50));
  await expect(waiting).rejects.toMatchObject({ name: "AbortError" });
});

test("what cannot be looked at does not count as there", async () => {
  const failing = (code: ErrorCode) => isThere(() => Promise.reject(new AccountError(code, "no")));
  expect(await isThere(async () => ({}))).toBe(true);
  expect(await failing("NOT_FOUND")).toBe(false);
  expect(await failing("FORBIDDEN")).toBe(false);
  await expect(failing("THROTTLED")).rejects.toMatchObject({ code: "THROTTLED" });
  await expect(isThere(() => Promise.reject(new TypeError("x")))).rejects.toThrow(TypeError);
});
