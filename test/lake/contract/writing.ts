import { randomBytes } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import type { Lake } from "../../../src/lake/lake.ts";
import { everythingIn } from "../listed.ts";
import type { ContractLake } from "./contract-lake.ts";

/** Bytes that become a file, or the end of one. */
export function writing(served: () => ContractLake): void {
  let lake: Lake;
  beforeAll(() => {
    lake = served().lake;
  });

  test("what is written is read back, and nothing else is left", async () => {
    const bytes = randomBytes(9_000_000); // more than two requests' worth
    const entry = await lake.write("out/new/a.bin", bytes);
    expect(entry).toMatchObject({ path: "out/new/a.bin", kind: "file", size: bytes.length });
    expect(Buffer.compare(await lake.read("out/new/a.bin"), bytes)).toBe(0);
    expect(await everythingIn(lake, "out/new")).toEqual(["out/new/a.bin"]);
  });

  test("text, nothing and a stream are written", async () => {
    await lake.write("out/text/ü %41.txt", "naïve 😀\n");
    expect(await lake.readText("out/text/ü %41.txt")).toBe("naïve 😀\n");
    expect(await lake.write("out/text/empty", "")).toMatchObject({ size: 0 });
    const chunks = async function* () {
      for (let i = 0; i < 100; i++) yield Buffer.alloc(70_001, i);
    };
    expect(await lake.write("out/text/stream", chunks())).toMatchObject({ size: 7_000_100 });
    const last = await lake.read("out/text/stream", { offset: 99 * 70_001 });
    expect(Buffer.compare(last, Buffer.alloc(70_001, 99))).toBe(0);
  });

  test("a file is only replaced when asked, and as a whole", async () => {
    await lake.write("out/once/a", "one");
    await expect(lake.write("out/once/a", "two")).rejects.toMatchObject({
      code: "EXISTS",
      message: expect.stringContaining(`exists already`),
    });
    expect(await lake.readText("out/once/a")).toBe("one");
    await lake.write("out/once/a", "two", { overwrite: true });
    expect(await lake.readText("out/once/a")).toBe("two");
    expect(await everythingIn(lake, "out/once")).toEqual(["out/once/a"]);
  });

  test("a write that fails half-way leaves nothing behind", async () => {
    const broken = async function* () {
      yield Buffer.alloc(5_000_000);
      throw new Error("the source broke");
    };
    await expect(lake.write("out/broken/a", broken())).rejects.toMatchObject({});
    const gone = new AbortController();
    const endless = async function* () {
      yield Buffer.alloc(5_000_000);
      gone.abort(new Error("enough"));
      yield Buffer.alloc(5_000_000);
    };
    const write = lake.write("out/broken/b", endless(), { signal: gone.signal });
    await expect(write).rejects.toThrow("enough");
    expect(await everythingIn(lake, "out/broken")).toEqual([]);
  });

  test("a directory is not written over, and the root is not a file", async () => {
    await expect(lake.write("in", "x", { overwrite: true })).rejects.toMatchObject({
      code: "CONFLICT",
    });
    const inTheWay = { code: expect.stringMatching(/^(CONFLICT|EXISTS)$/) };
    await expect(lake.mkdir("in/a.csv")).rejects.toMatchObject(inTheWay);
    expect(await lake.mkdir("in/deep")).toMatchObject({ kind: "directory" });
    await expect(lake.write("", "x")).rejects.toMatchObject({ code: "BAD_PATH" });
    await expect(lake.remove("/")).rejects.toMatchObject({ code: "BAD_PATH" });
  });

  test("an append adds to the end, or makes the file", async () => {
    await lake.append("out/log.ndjson", '{"a":1}\n');
    expect(await lake.append("out/log.ndjson", '{"a":2}\n')).toMatchObject({ size: 16 });
    expect(await lake.readText("out/log.ndjson")).toBe('{"a":1}\n{"a":2}\n');
    await expect(lake.append("in", "x")).rejects.toMatchObject({ code: "CONFLICT" });
  });
}
