import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LakeError } from "../../src/core/errors.ts";
import type { Lake, LakeEntry, TransferProgress } from "../../src/lake/lake.ts";
import type { LakeFault } from "../../src/practice/lake/index.ts";
import { collect } from "./practice-cloud.ts";

/** An empty lake to try everything on. */
export interface ContractLake {
  readonly lake: Lake;
  /** Makes the next requests fail; gives back what ends that. */
  fail(fault: LakeFault): { remove(): void };
  close(): Promise<void>;
}

/** What every lake does alike, whatever service is behind it. */
export function describeLake(title: string, start: () => Promise<ContractLake>): void {
  describe(title, () => contract(start));
}

function contract(start: () => Promise<ContractLake>): void {
  let served: ContractLake;
  let lake: Lake;
  let local: string;

  beforeAll(async () => {
    local = await mkdtemp(join(tmpdir(), "notelake-contract-"));
    served = await start();
    lake = served.lake;
    await lake.write("in/a.csv", "a\n");
    await lake.write("in/deep/b.csv", "b\n");
    await lake.write("in/deep/.hidden", "h\n");
  });
  afterAll(async () => {
    await served.close();
    await rm(local, { recursive: true });
  });

  const paths = async (pattern?: string) => (await collect(lake.list(pattern))).map((e) => e.path);
  /** All below a directory, hidden names too: nothing may be left behind there. */
  const everything = (directory: string) => paths(`${directory}/{*,.*}`);

  test("globs find what they say, in path order", async () => {
    expect(await paths("in")).toEqual(["in/a.csv", "in/deep"]);
    expect(await paths("in/**")).toEqual(["in/a.csv", "in/deep", "in/deep/b.csv"]);
    expect(await paths("**/{a,b}.csv")).toEqual(["in/a.csv", "in/deep/b.csv"]);
    expect(await paths("in/a.csv")).toEqual(["in/a.csv"]);
    expect(await paths("in/*/.h*")).toEqual(["in/deep/.hidden"]);
  });

  test("what is missing is said to be, with what is there instead", async () => {
    const missing = {
      code: "NOT_FOUND",
      status: 404,
      hint: expect.stringMatching(/^in has: .*a.csv/),
    };
    await expect(lake.read("in/b.csv")).rejects.toMatchObject(missing);
    await expect(lake.stat("in/b.csv")).rejects.toMatchObject(missing);
    await expect(collect(lake.list("in/b.csv"))).rejects.toMatchObject(missing);
    await expect(lake.move("in/b.csv", "in/c.csv")).rejects.toMatchObject(missing);
    expect(await lake.exists("in/b.csv")).toBe(false);
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

  test("a read goes on where its connection broke, stalled or was refused", async () => {
    const bytes = randomBytes(20_000_000); // two blocks
    await lake.write("out/broken-read", bytes);
    const faults = [
      { kind: "reset", after: 3_000_000, times: 2 },
      { kind: "end", after: 3_000_000, times: 2 },
      { kind: "stall", after: 3_000_000, times: 1 },
      { kind: "status", status: 503, times: 2 },
    ] as const;
    for (const fault of faults) {
      const failing = served.fail({ ...fault, method: "GET", path: "broken-read" });
      const read = await lake.read("out/broken-read");
      failing.remove();
      expect(Buffer.compare(read, bytes)).toBe(0);
    }
  });

  test("what is written is read back, and nothing else is left", async () => {
    const bytes = randomBytes(9_000_000); // more than two requests' worth
    const entry = await lake.write("out/new/a.bin", bytes);
    expect(entry).toMatchObject({ path: "out/new/a.bin", kind: "file", size: bytes.length });
    expect(Buffer.compare(await lake.read("out/new/a.bin"), bytes)).toBe(0);
    expect(await everything("out/new")).toEqual(["out/new/a.bin"]);
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
    expect(await everything("out/once")).toEqual(["out/once/a"]);
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
    expect(await everything("out/broken")).toEqual([]);
  });

  test("a directory is not written over, and the root is not a file", async () => {
    await expect(lake.write("in", "x", { overwrite: true })).rejects.toMatchObject({
      code: "CONFLICT",
    });
    await expect(lake.write("", "x")).rejects.toMatchObject({ code: "BAD_PATH" });
    await expect(lake.remove("/")).rejects.toMatchObject({ code: "BAD_PATH" });
  });

  test("an append adds to the end, or makes the file", async () => {
    await lake.append("out/log.ndjson", '{"a":1}\n');
    expect(await lake.append("out/log.ndjson", '{"a":2}\n')).toMatchObject({ size: 16 });
    expect(await lake.readText("out/log.ndjson")).toBe('{"a":1}\n{"a":2}\n');
    await expect(lake.append("in", "x")).rejects.toMatchObject({ code: "CONFLICT" });
  });

  test("a move is one step, keeps the bytes and refuses to replace", async () => {
    await lake.write("out/move/a", "a");
    await lake.write("out/move/b", "b");
    await expect(lake.move("out/move/a", "out/move/b")).rejects.toMatchObject({ code: "EXISTS" });
    await expect(lake.move("out/move/x", "out/move/y")).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    await lake.move("out/move/a", "out/move/b", { overwrite: true });
    expect(await paths("out/move")).toEqual(["out/move/b"]);
    expect(await lake.readText("out/move/b")).toBe("a");
    const moved = await lake.move("out/move", "out/moved #1");
    expect(moved).toMatchObject({ kind: "directory", path: "out/moved #1" });
    expect(await paths("out/moved #1")).toEqual(["out/moved #1/b"]);
  });

  test("files are joined in order and are gone then; nothing is lost when that is refused", async () => {
    const parts = ["out/join/b", "out/join/a,ü", "out/join/empty"];
    const contents = [randomBytes(5_000_000), Buffer.from("ü"), Buffer.alloc(0)];
    for (const [n, part] of parts.entries()) await lake.write(part, contents[n] ?? "");
    await lake.write("out/join/there", "t");
    const refused: [string, string[], string][] = [
      ["EXISTS", parts, "there"],
      ["NOT_FOUND", [...parts, "out/join/none"], "x"],
      ["CONFLICT", [...parts, "in"], "x"],
      ["BAD_PATH", [...parts, "out/join/b"], "x"],
    ];
    for (const [code, wrong, to] of refused) {
      await expect(lake.concat(wrong, `out/join/${to}`)).rejects.toMatchObject({ code });
    }
    await expect(lake.concat([], "out/join/x")).rejects.toMatchObject({ code: "BAD_PATH" });
    expect(await paths("out/join")).toHaveLength(4);

    const joined = await lake.concat(parts, "out/join/all");
    expect(joined).toMatchObject({ path: "out/join/all", size: 5_000_002 });
    expect(Buffer.compare(await lake.read("out/join/all"), Buffer.concat(contents))).toBe(0);
    await lake.concat(["out/join/there", "out/join/all"], "out/join/there", { overwrite: true });
    expect(Buffer.from(await lake.read("out/join/there", { length: 1 })).toString()).toBe("t");
    expect(await everything("out/join")).toEqual(["out/join/there"]);

    await lake.write("out/join/more", "more");
    const failing = served.fail({ kind: "status", status: 500, method: "PUT", path: "/.late" });
    const late = lake.concat(["out/join/there", "out/join/more"], "out/join/late");
    await expect(late).rejects.toBeInstanceOf(LakeError);
    failing.remove();
    expect((await lake.du("out/join")).bytes).toBe(5_000_007);
  });

  test("a directory is made once, and removed with its content only when asked", async () => {
    expect(await lake.mkdir("out/dir/x")).toMatchObject({ kind: "directory" });
    expect(await lake.mkdir("out/dir/x")).toMatchObject({ kind: "directory" });
    await lake.write("out/dir/x/a", "a");
    await expect(lake.remove("out/dir")).rejects.toMatchObject({ code: "CONFLICT" });
    expect(await lake.readText("out/dir/x/a")).toBe("a");
    await lake.remove("out/dir", { recursive: true });
    expect(await lake.exists("out/dir")).toBe(false);
    await expect(lake.remove("out/dir")).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  test("a folder goes up and comes down as it was, with progress", async () => {
    const folder = join(local, "up");
    await mkdir(join(folder, "sub/empty"), { recursive: true });
    const contents: Record<string, Buffer> = {
      "a.bin": randomBytes(5_000_000),
      "sub/ü.txt": Buffer.from("ü"),
      "sub/.hidden": Buffer.from(""),
    };
    for (const [name, bytes] of Object.entries(contents))
      await writeFile(join(folder, name), bytes);
    const steps: TransferProgress[] = [];
    await lake.upload(folder, "out/folder", { onProgress: (step) => steps.push(step) });
    const last = { bytes: 5_000_002, totalBytes: 5_000_002, files: 3, totalFiles: 3 };
    expect(steps.at(-1)).toMatchObject(last);
    expect((await lake.stat("out/folder/sub/empty")).kind).toBe("directory");

    const down = join(local, "down");
    steps.length = 0;
    await lake.download("out/folder", down, { onProgress: (step) => steps.push(step) });
    expect(steps.at(-1)).toMatchObject(last);
    expect((await readdir(down, { recursive: true })).sort()).toEqual(
      ["a.bin", "sub", "sub/.hidden", "sub/empty", "sub/ü.txt"].sort(),
    );
    for (const [name, bytes] of Object.entries(contents)) {
      expect(Buffer.compare(await readFile(join(down, name)), bytes)).toBe(0);
    }
    await expect(lake.download("out/folder", down)).rejects.toMatchObject({ code: "EXISTS" });
    await expect(lake.upload(folder, "out/folder")).rejects.toMatchObject({ code: "EXISTS" });
    await expect(lake.upload(join(folder, "none"), "out/x")).rejects.toMatchObject({
      code: "LOCAL_FILE",
    });
  });

  test("a copy has the bytes, and a directory is not copied into itself", async () => {
    const copied = await lake.copy("in", "out/copy");
    expect(copied).toMatchObject({ path: "out/copy", kind: "directory" });
    expect(await paths("out/copy/**")).toEqual([
      "out/copy/a.csv",
      "out/copy/deep",
      "out/copy/deep/b.csv",
    ]);
    expect(await lake.readText("out/copy/deep/.hidden")).toBe("h\n");
    await lake.copy("in/a.csv", "out/copied.csv");
    await expect(lake.copy("in/a.csv", "out/copied.csv")).rejects.toMatchObject({ code: "EXISTS" });
    await expect(lake.copy("in", "in/copy")).rejects.toMatchObject({ code: "BAD_PATH" });
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

  test("usage and tree count and draw all that is there", async () => {
    expect(await lake.du("in")).toEqual({ files: 3, directories: 1, bytes: 6 });
    expect(await lake.tree("in")).toBe(
      ["in", "├── a.csv  2 B", "└── deep/", "    ├── .hidden  2 B", "    └── b.csv  2 B"].join(
        "\n",
      ),
    );
    expect(await lake.tree("in", { depth: 1 })).toBe("in\n├── a.csv  2 B\n└── deep/");
  });

  test("a file vanishes when it is told to, and stays when that is taken back", async () => {
    await lake.write("out/expiry/a", "a");
    await lake.write("out/expiry/b", "b");
    const later = new Date("2099-01-01T00:00:00Z");
    const entry = await lake.setExpiry("out/expiry/a", later);
    expect(entry).toMatchObject({ path: "out/expiry/a", expires: later });
    expect((await collect(lake.list("out/expiry")))[0]).toEqual(entry);
    expect(await lake.setExpiry("out/expiry/a", undefined)).not.toHaveProperty("expires");

    await lake.setExpiry("out/expiry/b", new Date(Date.now() + 50));
    await expect.poll(() => lake.exists("out/expiry/b"), { timeout: 5000 }).toBe(false);
    expect(await paths("out/expiry")).toEqual(["out/expiry/a"]);
    for (const wrong of [new Date(0), new Date(Number.NaN)]) {
      await expect(lake.setExpiry("out/expiry/a", wrong)).rejects.toMatchObject({
        code: "BAD_REQUEST",
      });
    }
    await expect(lake.setExpiry("out/expiry", later)).rejects.toMatchObject({ code: "CONFLICT" });
    await expect(lake.setExpiry("out/expiry/b", later)).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });

  test("access is read and changed, for one and for all below", async () => {
    await lake.write("out/acl/a", "a");
    const entries = ["user::rwx", "group::r-x", "other::---"];
    expect(await lake.setAcl("out/acl", entries)).toEqual({
      files: 0,
      directories: 1,
      failures: [],
    });
    expect(await lake.access("out/acl")).toMatchObject({
      permissions: expect.stringMatching(/^rwxr-x---/),
      acl: expect.arrayContaining(entries),
    });
    const grace = "user:9eace000-5d3a-4f0e-8a51-0d9a1b2c3d02";
    const add = { recursive: true, mode: "modify" } as const;
    const changes = await lake.setAcl("out/acl", [`${grace}:r-x`], add);
    expect(changes).toEqual({ files: 1, directories: 1, failures: [] });
    expect((await lake.access("out/acl/a")).acl).toContain(`${grace}:r-x`);
    await lake.setAcl("out/acl", [grace], { recursive: true, mode: "remove" });
    expect((await lake.access("out/acl/a")).acl).not.toContain(`${grace}:r-x`);
    await expect(lake.setAcl("out/acl", ["nonsense"])).rejects.toMatchObject({
      code: "BAD_REQUEST",
    });
  });

  test("an entry is the same from a list, a stat and a write", async () => {
    const written: LakeEntry = await lake.write("out/same/a", "abc");
    expect(await lake.stat("out/same/a")).toEqual(written);
    expect(await collect(lake.list("out/same"))).toEqual([written]);
  });
}
