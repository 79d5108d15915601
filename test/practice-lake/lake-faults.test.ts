import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type RawAnswer, type ServedLake, serveLake } from "./served-lake.ts";

let lake: ServedLake;
const CONTENT = "0123456789".repeat(20_000);

beforeAll(async () => {
  lake = await serveLake({ "raw/big.txt": CONTENT, "raw/small.txt": "small" });
});
afterEach(() => lake.lake.faults.clear());
afterAll(() => lake.close());

const get = (target = "/raw/big.txt", headers = {}) => lake.send({ target, headers });

/** What a client sees of an answer that breaks off. */
async function broken(request: Promise<RawAnswer>) {
  return request.then(
    () => "whole",
    (error: NodeJS.ErrnoException) => error.code ?? error.message,
  );
}

describe("a fault", () => {
  test("is shown as often as it was asked for, where it matches", async () => {
    lake.lake.faults.add({
      kind: "status",
      status: 503,
      retryAfter: 7,
      times: 2,
      path: "big",
      method: "GET",
    });
    expect((await get("/raw/small.txt")).status).toBe(200);
    const answers = [await get(), await get(), await get()];
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 200]);
    expect(answers[0]?.headers).toMatchObject({
      "retry-after": "7",
      "x-ms-error-code": "ServerBusy",
    });
    expect(lake.lake.faults.list()).toEqual([]);
  });

  test("stays until it is removed", async () => {
    const fault = lake.lake.faults.add({ kind: "status", status: 500 });
    expect((await get()).status).toBe(500);
    expect((await get()).headers["x-ms-error-code"]).toBe("InternalError");
    fault.remove();
    expect((await get()).status).toBe(200);
  });

  test.each([
    ["reset", "ECONNRESET"],
    ["end", "ECONNRESET"],
  ] as const)("%s breaks a body off after some bytes", async (kind, expected) => {
    lake.lake.faults.add({ kind, after: 1_000, times: 1 });
    expect(await broken(get())).toBe(expected);
    expect((await get()).body.toString()).toBe(CONTENT);
  });

  test("reset and end differ on the wire: one is an RST, the other a clean end", async () => {
    for (const kind of ["reset", "end"] as const) {
      lake.lake.faults.add({ kind, after: 1_000, times: 1 });
      const outcome = await lake.watch("/raw/big.txt");
      expect(outcome).toMatchObject({ body: 1_000, ended: kind === "end" });
    }
  });

  test("stall leaves the connection open and sends no more", async () => {
    lake.lake.faults.add({ kind: "stall", after: 500, times: 1 });
    const outcome = await lake.watch("/raw/big.txt", 700);
    expect(outcome).toEqual({ body: 500, ended: false, error: "", stalled: true });
  });

  test("slow and delay let the bytes come whole, later", async () => {
    lake.lake.faults.add({ kind: "slow", rate: 400_000, times: 1 });
    const before = performance.now();
    expect((await get()).body.toString()).toBe(CONTENT);
    // 200,000 bytes at 400,000 a second cannot take less than this.
    expect(performance.now() - before).toBeGreaterThan(400);
    lake.lake.faults.add({ kind: "delay", ms: 150, times: 1 });
    const again = performance.now();
    await get("/raw/small.txt");
    expect(performance.now() - again).toBeGreaterThan(140);
  });

  test("a slow answer of many pieces lets go of each of them", async () => {
    const warnings: Error[] = [];
    const keep = (warning: Error) => warnings.push(warning);
    process.on("warning", keep);
    // It comes in twenty pieces a second, and takes one.
    lake.lake.faults.add({ kind: "slow", rate: 200_000, times: 1 });
    await get();
    await new Promise((resolve) => setImmediate(resolve));
    process.off("warning", keep);
    expect(warnings).toEqual([]);
  });

  test("throttle lets some requests a second through", async () => {
    lake.lake.faults.add({ kind: "throttle", perSecond: 3 });
    const begun = performance.now();
    const answers = await Promise.all(Array.from({ length: 20 }, () => get("/raw/small.txt")));
    const busy = answers.filter(({ status }) => status === 503);
    const seconds = Math.ceil((performance.now() - begun) / 1000);
    expect(busy.length).toBeGreaterThanOrEqual(20 - 3 * (seconds + 1));
    expect(busy.length).toBeGreaterThan(0);
    expect(busy[0]?.headers["retry-after"]).toBe("1");
    expect(answers.some(({ status }) => status === 200)).toBe(true);
  });

  test("replace puts other bytes under another tag once a file was read from", async () => {
    lake.lake.faults.add({ kind: "replace", path: "/raw/big.txt", times: 1 });
    const first = await get("/raw/big.txt", { range: "bytes=0-9" });
    const pinned = await get("/raw/big.txt", {
      range: "bytes=10-19",
      "if-match": String(first.headers.etag),
    });
    expect([first.status, pinned.status]).toEqual([206, 412]);
    const second = await get("/raw/big.txt", { range: "bytes=10-19" });
    expect(second.body.length).toBe(10);
    expect(second.body.toString("latin1")).not.toBe("0123456789");
  });
});
