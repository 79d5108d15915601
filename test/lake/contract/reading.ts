import { randomBytes } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import type { Lake } from "../../../src/lake/lake.ts";
import { collect } from "../practice-cloud.ts";
import type { ContractLake } from "./contract-lake.ts";

/** Bytes that come back, whole, in part and over broken connections. */
export function reading(served: () => ContractLake): void {
  let lake: Lake;
  beforeAll(() => {
    lake = served().lake;
  });

  test("ranges are read, and what lies behind the end is refused", async () => {
    await lake.write("out/range", "0123456789");
    const read = async (options: { offset?: number; length?: number }) =>
      Buffer.from(await lake.read("out/range", options)).toString();
    expect(await read({ offset: 3, length: 4 })).toBe("3456");
    expect(await read({ offset: 8, length: 40 })).toBe("89");
    expect(await read({ length: 0 })).toBe("");
    await expect(read({ offset: 10 })).rejects.toMatchObject({ code: "BAD_RANGE" });
  });

  test("bytes go into memory that is given, piece by piece and in order", async () => {
    const bytes = randomBytes(34_000_000); // two blocks
    await lake.write("out/read-into", bytes);
    const memory = new Uint8Array(new SharedArrayBuffer(bytes.length));
    const pieces: [start: number, end: number][] = [];
    const onBytes = (start: number, end: number) => {
      pieces.push([start, end]);
      expect(Buffer.compare(memory.subarray(start, end), bytes.subarray(start, end))).toBe(0);
    };
    const part = { offset: 1000, length: bytes.length - 1001 };
    const read = await lake.read("out/read-into", {
      ...part,
      into: memory.subarray(1000),
      onBytes,
    });
    expect([read.buffer, read.byteOffset, read.length]).toEqual([memory.buffer, 1000, part.length]);
    expect(Buffer.compare(memory.subarray(1000, -1), bytes.subarray(1000, -1))).toBe(0);
    const ends = new Set([1000, ...pieces.map(([, end]) => end)]);
    expect(pieces.filter(([start]) => !ends.has(start)).length).toBeLessThan(2); // the second block
    const small = { into: memory.subarray(0, 10) };
    await expect(lake.read("out/read-into", small)).rejects.toMatchObject({ code: "BAD_RANGE" });
  });

  test("a read goes on where its connection broke, stalled or was refused", async () => {
    const bytes = randomBytes(10_000_000); // goes on three times
    await lake.write("out/broken-read", bytes);
    const faults = [
      { kind: "reset", after: 3_000_000, times: 2 },
      { kind: "end", after: 3_000_000, times: 2 },
      { kind: "stall", after: 3_000_000, times: 1 },
      { kind: "status", status: 503, times: 2 },
    ] as const;
    for (const fault of faults) {
      const failing = served().fail({ ...fault, method: "GET", path: "broken-read" });
      const read = await lake.read("out/broken-read");
      failing.remove();
      expect(Buffer.compare(read, bytes)).toBe(0);
    }
  });

  test("a stream gives the bytes, a part of them, or the failure", async () => {
    const bytes = randomBytes(4_000_000);
    await lake.write("out/streamed", bytes);
    const read = async (options = {}) =>
      Buffer.concat(await collect<Buffer>(lake.stream("out/streamed", options)));
    expect(Buffer.compare(await read(), bytes)).toBe(0);
    const part = await read({ offset: 3_999_000, length: 10 });
    expect(Buffer.compare(part, bytes.subarray(3_999_000, 3_999_010))).toBe(0);
    for await (const chunk of lake.stream("out/streamed")) if (chunk) break; // leaving early is fine
    await expect(collect(lake.stream("out/none"))).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
}
