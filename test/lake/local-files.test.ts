import { randomBytes } from "node:crypto";
import { truncateSync } from "node:fs";
import {
  link,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Lake } from "../../src/lake/lake.ts";
import {
  isTemporary,
  temporaryBeside,
  temporaryStart,
  writeNewFile,
} from "../../src/lake/local/new-file.ts";
import { inUse } from "../../src/lake/transfer/interrupted-downloads.ts";
import { PartFile } from "../../src/lake/transfer/part-file.ts";
import { pathsIn } from "./listed.ts";
import { openRig, type Rig } from "./proxy-rig.ts";

// Files and folders that come down: each whole and under its own name, and nothing elsewhere.

const BIG = randomBytes(700_000); // more than is fetched in one request
let rig: Rig;
let lake: Lake;
let folder: string;

beforeAll(async () => {
  rig = await openRig(2, 30_000);
  lake = rig.direct;
  await lake.write("files/big.bin", BIG);
  await lake.write("files/small.txt", "small");
  await lake.write("files/sub/deep.txt", "deep");
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "notelake-local-files-"));
});
afterEach(() => {
  rig.between.meddling = undefined;
  return rm(folder, { recursive: true });
});
afterAll(() => rig.close());

const local = (...names: string[]) => join(folder, ...names);
const text = (name: string) => readFile(local(name), "utf8");
const everything = async () => (await readdir(folder, { recursive: true })).sort();

/** Names that begin, end or look like those of files under way, and others that are hard to have. */
const HARD = [
  ...[
    "x",
    "x.part",
    "x.part.json",
    "x.part.json.new",
    ".x.part",
    "x.part.part",
    "X",
    "x.",
    "x ",
    " x",
  ],
  ...["con", "CON.txt", "nul", "com1", "a:b", "a*b", "a?b", "a|b", "<a>", '"a"', "%41", "A", "a"],
  ...[
    "é",
    "e\u0301",
    "ß",
    "ss",
    "SS",
    "İ",
    "i",
    "ﬁ",
    "fi",
    "😀",
    "\u202Egnp.exe",
    "-rf",
    "~",
    "$HOME",
  ],
  ...[".notelake", ".notelake-x.part", "y".repeat(200), "😀".repeat(50), "...", "..x", "x..", ".."],
].filter((name) => name !== "..");

test("a folder of any names arrives whole and unmixed", async () => {
  let run = 0;
  const names = fc.uniqueArray(
    fc
      .oneof(fc.constantFrom(...HARD), fc.stringMatching(/^[a-zA-Z.]{1,6}$/))
      .filter((name) => !/^\.{1,2}$/.test(name)),
    { minLength: 1, maxLength: 25 },
  );
  await fc.assert(
    fc.asyncProperty(names, fc.array(fc.boolean(), { maxLength: 25 }), async (each, inside) => {
      const directory = `any/${run++}`;
      const contents = new Map(
        each.map((name, at) => [
          inside[at] ? `d/${name}` : `f-${name}`,
          `${name} ${randomBytes(8).toString("hex")}`,
        ]),
      );
      const writes = [...contents].map(([path, content]) =>
        lake.write(`${directory}/${path}`, content),
      );
      await Promise.all(writes);
      const target = local(String(run));
      await lake.download(directory, target);
      for (const [path, content] of contents) {
        expect([path, await readFile(join(target, path), "utf8")]).toEqual([path, content]);
      }
      const found = await readdir(target, { recursive: true, withFileTypes: true });
      expect(found.filter((entry) => entry.isFile())).toHaveLength(contents.size);
    }),
    { numRuns: 25 },
  );
});

test("files whose names look like those of a download under way are not mixed up", async () => {
  const contents: Record<string, string> = {};
  for (let n = 0; n < 40; n++) {
    for (const end of ["", ".part", ".part.json"])
      contents[`f${n}${end}`] = `${n}${end || " itself"}`;
  }
  for (const [name, content] of Object.entries(contents))
    await lake.write(`mixed/${name}`, content);
  await lake.download("mixed", local("mixed"));
  for (const [name, content] of Object.entries(contents))
    expect(await text(`mixed/${name}`)).toBe(content);
});

describe("names that cannot lie in a folder are refused before anything is moved", () => {
  const list = (...names: string[]) => {
    const lastModified = "Sat, 21 Nov 2026 06:00:00 GMT";
    const paths = ["files/first.txt", ...names.map((name) => `files/${name}`)].map((name) => ({
      name,
      contentLength: "3",
      lastModified,
      etag: "0x1",
    }));
    rig.between.meddling = {
      of: ({ target }) => /resource=filesystem/.test(target),
      change: (told) => {
        told.body = Buffer.from(JSON.stringify({ paths }));
        told.headers["content-length"] = told.body.length;
      },
    };
  };
  test.each([
    ["above", "../../outside.txt"],
    ["above by a way round", "sub/../../../outside.txt"],
    ["the folder itself", "./first.txt"],
    ["an empty name", "sub//x.txt"],
    ["a slash at the end", "sub/"],
    ["a backslash", "..\\outside.txt"],
    ["a line break", "two\nlines.txt"],
    ["a zero", "a\u0000b"],
    ["half a letter", "a\ud800b"],
    ["a name that is too long", "x".repeat(256)],
    ["too many bytes", "ü".repeat(130)],
    ["a download's own", ".notelake-0123456789abcdef-1-01234567.part"],
    ["a note's own", ".notelake-0123456789abcdef-1-01234567.part.json"],
    ["a name that comes twice", "first.txt"],
    ["a file that is a directory, too", "first.txt/below.txt"],
  ])("%s", async (_what, name) => {
    list(name);
    await expect(rig.lake.download("files", local("down"))).rejects.toMatchObject({
      code: "BAD_PATH",
    });
    expect((await everything()).filter((found) => found !== "down")).toEqual([]);
  });
});

test("a file that becomes shorter while it is uploaded is refused, and none of it is there", async () => {
  await writeFile(local("shrinks.bin"), randomBytes(24 * 2 ** 20));
  let reports = 0;
  const sending = lake.upload(local("shrinks.bin"), "up/shrinks.bin", {
    onProgress: ({ bytes }) => {
      if (bytes > 0 && reports++ === 0) truncateSync(local("shrinks.bin"), 1000);
    },
  });
  await expect(sending).rejects.toMatchObject({
    code: "LOCAL_FILE",
    message: expect.stringContaining("the file is shorter than it was"),
  });
  expect(reports).toBeGreaterThan(0);
  expect(await pathsIn(lake, "up/**")).toEqual([]);
});

test.each([[false], [true]])(
  "a file under way follows no link of its name (overwrite: %s)",
  async (overwrite) => {
    await writeFile(local("victim.txt"), "mine");
    const temporary = temporaryBeside(local("new.txt"));
    const write = () =>
      writeNewFile(local("new.txt"), "theirs", { overwrite, durable: false }, temporary);
    await symlink(local("victim.txt"), temporary);
    await expect(write()).rejects.toMatchObject({ code: "LOCAL_FILE" });
    await rm(temporary);
    await symlink(local("none.txt"), temporary);
    await expect(write()).rejects.toMatchObject({ code: "LOCAL_FILE" });
    await rm(temporary);
    await link(local("victim.txt"), temporary);
    await expect(write()).rejects.toMatchObject({ code: "LOCAL_FILE" });
    await rm(temporary);
    expect(await everything()).toEqual(["victim.txt"]);
    expect(await text("victim.txt")).toBe("mine");
  },
);

describe("links that somebody planted", () => {
  let victim: string;
  beforeEach(async () => {
    await mkdir(local("elsewhere"));
    victim = local("elsewhere", "victim.txt");
    await writeFile(victim, "precious");
  });
  afterEach(async () => {
    expect(await readFile(victim, "utf8")).toBe("precious");
    expect(await readdir(local("elsewhere"))).toEqual(["victim.txt"]);
  });

  test.each(["small.txt", "big.bin"])("at the names of before: %s", async (name) => {
    for (const end of [".part", ".part.json", ".part.json.new"]) {
      await symlink(victim, local(`${name}${end}`));
    }
    await lake.download(`files/${name}`, local(name));
    expect((await lstat(local(name))).isFile()).toBe(true);
  });

  test.each(["small.txt", "big.bin"])("at the name itself: %s", async (name) => {
    await symlink(victim, local(name));
    await expect(lake.download(`files/${name}`, local(name))).rejects.toMatchObject({
      code: "EXISTS",
    });
    await lake.download(`files/${name}`, local(name), { overwrite: true });
    expect((await lstat(local(name))).isFile()).toBe(true);
  });

  test("to nothing, at the name itself", async () => {
    await symlink(local("elsewhere", "nothing"), local("small.txt"));
    const download = lake.download("files/small.txt", local("small.txt"));
    await expect(download).rejects.toMatchObject({ code: "EXISTS" });
  });

  test("in place of a folder below", async () => {
    await mkdir(local("down"));
    await symlink(local("elsewhere"), local("down", "sub"));
    const download = lake.download("files", local("down"), { overwrite: true });
    await expect(download).rejects.toMatchObject({
      code: "LOCAL_FILE",
      message: expect.stringContaining("is a link"),
    });
  });

  test.each([
    ["a link", symlink],
    ["a hard link", link],
  ])("in place of what a download left: %s", async (_what, plant) => {
    const left = local(`${temporaryStart("big.bin")}4194304-00000000.part`);
    await plant(victim, left);
    const { size, etag, modified } = await lake.stat("files/big.bin");
    const done = [{ start: 0, end: 500_000 }];
    const note = {
      source: "contosolake/raw/files/big.bin",
      version: { size, etag, modified },
      done,
    };
    await writeFile(`${left}.json`, JSON.stringify(note));
    await lake.download("files/big.bin", local("big.bin"));
    expect(Buffer.compare(await readFile(local("big.bin")), BIG)).toBe(0);
  });

  test("to the folder that was chosen are followed: that one is the caller's own", async () => {
    await mkdir(local("chosen"));
    await symlink(local("chosen"), local("way"));
    await lake.download("files", local("way"));
    expect((await readdir(local("chosen"), { recursive: true })).sort()).toEqual(
      ["big.bin", "small.txt", "sub", "sub/deep.txt"].sort(),
    );
  });
});

test("two downloads to one name are two files, of which one takes the place", async () => {
  await lake.write("files/other.bin", Buffer.alloc(700_000, "other"));
  const results = await Promise.allSettled([
    lake.download("files/big.bin", local("same.bin")),
    lake.download("files/other.bin", local("same.bin")),
  ]);
  expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  const refused = results.find((result) => result.status === "rejected");
  expect(refused?.reason).toMatchObject({ code: "EXISTS" });
  const wanted = results[0].status === "fulfilled" ? BIG : Buffer.alloc(700_000, "other");
  expect(Buffer.compare(await readFile(local("same.bin")), wanted)).toBe(0);
  expect(await everything()).toEqual(["same.bin"]);
});

test("a download has its temporary name before the file is there, so that none removes it", async () => {
  const whole = { source: "contosolake/raw/files/big.bin", overwrite: false, durable: false };
  const making = PartFile.create({ localFile: local("new.bin"), ...whole });
  expect([...inUse]).toEqual([expect.stringContaining(temporaryStart("new.bin"))]);
  await (await making).discard();
  expect([...inUse]).toEqual([]);
});

test("what a note says that cannot be is not believed", async () => {
  const { size, etag, modified } = await lake.stat("files/big.bin");
  const source = "contosolake/raw/files/big.bin";
  const version = { size, etag, modified };
  const notes: unknown[] = [
    null,
    "text",
    { source, version },
    { source, version, done: [{ start: 0, end: size + 1 }] },
    { source, version, done: [{ start: 10, end: 5 }] },
    { source, version, done: [{ start: -1, end: 5 }] },
    { source, version: { ...version, size: "big" }, done: [] },
    { source: "other/raw/files/big.bin", version, done: [{ start: 0, end: 5 }] },
  ];
  for (const [at, note] of notes.entries()) {
    const left = local(`${temporaryStart("big.bin")}4194304-0000000${at}.part`);
    await writeFile(left, Buffer.alloc(700_000));
    await writeFile(`${left}.json`, JSON.stringify(note));
    await lake.download("files/big.bin", local("big.bin"), { overwrite: true });
    expect(Buffer.compare(await readFile(local("big.bin")), BIG)).toBe(0);
    expect((await everything()).filter(isTemporary)).toEqual([]);
  }
});

test("what another process is writing stays its own", async () => {
  const left = local(`${temporaryStart("big.bin")}${process.ppid}-00000000.part`);
  await writeFile(left, "on its way");
  await lake.download("files/big.bin", local("big.bin"));
  expect(await readFile(left, "utf8")).toBe("on its way");
});

test("a download under way is not uploaded", async () => {
  await mkdir(local("up"));
  await writeFile(local("up", "whole.txt"), "whole");
  await writeFile(local("up", `${temporaryStart("x")}1-00000000.part`), "half");
  await lake.upload(local("up"), "uploaded");
  expect(await pathsIn(lake, "uploaded/{*,.*}")).toEqual(["uploaded/whole.txt"]);
});
