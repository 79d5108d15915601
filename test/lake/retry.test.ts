import { createHttpHeaders, createPipelineRequest, RestError } from "@azure/core-rest-pipeline";
import { expect, test } from "vitest";
import { isPassing, persist, retryAfter } from "../../src/lake/http/retry.ts";

function refusal(statusCode: number, headers: Record<string, string> = {}): RestError {
  const request = createPipelineRequest({ url: "https://127.0.0.1/" });
  const response = { request, status: statusCode, headers: createHttpHeaders(headers) };
  return new RestError("refused", { statusCode, response });
}

const network = (code: string) => Object.assign(new Error(code), { code });
const retryPolicy = { tries: 3, firstWait: 1, longestWait: 5, idle: 100 };

test("what may pass is told from what will not", () => {
  for (const status of [408, 429, 500, 502, 503, 504])
    expect(isPassing(refusal(status))).toBe(true);
  for (const status of [400, 401, 403, 404, 409, 412, 416]) {
    expect(isPassing(refusal(status))).toBe(false);
  }
  for (const code of ["ECONNRESET", "STALLED", "EPIPE"])
    expect(isPassing(network(code))).toBe(true);
  for (const code of ["ENOTFOUND", "CERT_HAS_EXPIRED", "ENOSPC"]) {
    expect(isPassing(network(code))).toBe(false);
  }
  expect(isPassing(undefined)).toBe(false);
});

test("the wait that the service asks for is read in each of its forms", () => {
  expect(retryAfter(refusal(503, { "retry-after": "7" }))).toBe(7000);
  expect(retryAfter(refusal(503, { "x-ms-retry-after-ms": "250" }))).toBe(250);
  const inTenSeconds = retryAfter(
    refusal(503, { "retry-after": new Date(Date.now() + 10_000).toUTCString() }),
  );
  expect(inTenSeconds).toBeGreaterThan(8000);
  expect(inTenSeconds).toBeLessThanOrEqual(10_000);
  expect(retryAfter(refusal(503, { "retry-after": "soon" }))).toBe(undefined);
  expect(retryAfter(refusal(503))).toBe(undefined);
  expect(retryAfter(network("ECONNRESET"))).toBe(undefined);
});

test("a passing failure is tried so many times, another one once", async () => {
  const count = async (failure: Error) => {
    let tries = 0;
    await persist(() => {
      tries++;
      return Promise.reject(failure);
    }, retryPolicy).catch(() => {});
    return tries;
  };
  expect(await count(refusal(503))).toBe(3);
  expect(await count(refusal(404))).toBe(1);
  expect(await count(network("ECONNRESET"))).toBe(3);
});

test("who gives up while waiting does not wait on", async () => {
  const gone = new AbortController();
  const slow = { ...retryPolicy, firstWait: 600_000, longestWait: 600_000 };
  const waiting = persist(() => Promise.reject(refusal(503)), slow, gone.signal);
  setImmediate(() => gone.abort());
  await expect(waiting).rejects.toMatchObject({ name: "AbortError" });
});
