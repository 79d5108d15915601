import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { LakeError } from "../../src/core/errors.ts";
import type { Lake } from "../../src/lake/lake.ts";
import { ANSWERS } from "./altering-proxy.ts";
import { collect } from "./practice-cloud.ts";
import { BIG, openRig, type Rig, SEEDS } from "./proxy-rig.ts";

// A man in the middle of a TLS connection: no call takes his word for the service's.

const LATER = new Date("2099-01-01T00:00:00Z");

/** Where what comes is cut, what it looks like is not always known. */
const CUT = ["no answer", "another protocol", "200 and half a page", "an endless page"];

/** Each call of a lake, on what `openRig` put there. */
const CALLS: Readonly<Record<string, (lake: Lake, folder: string) => Promise<unknown>>> = {
  list: (lake) => collect(lake.list("data")),
  "list by a glob": (lake) => collect(lake.list("**/*.csv")),
  stat: (lake) => lake.stat("data/00.csv"),
  "stat of a directory": (lake) => lake.stat("data"),
  exists: (lake) => lake.exists("data/00.csv"),
  "exists of what is not there": (lake) => lake.exists("data/none.csv"),
  read: (lake) => lake.read("big.bin"),
  "read of a part": (lake) => lake.read("big.bin", { offset: 100_000, length: 1000 }),
  readText: (lake) => lake.readText("data/01.csv"),
  stream: async (lake) => Buffer.concat(await collect<Buffer>(lake.stream("big.bin"))),
  download: (lake, folder) => lake.download("big.bin", join(folder, "big.bin")),
  "download of a small file": (lake, folder) =>
    lake.download("data/02.csv", join(folder, "small.csv")),
  "download of a folder": (lake, folder) => lake.download("data", join(folder, "data")),
  write: (lake) => lake.write("data/00.csv", "written", { overwrite: true }),
  "write of nothing": (lake) => lake.write("data/new.csv", ""),
  append: (lake) => lake.append("data/01.csv", "more"),
  upload: (lake) => lake.upload(import.meta.filename, "data/uploaded.ts"),
  copy: (lake) => lake.copy("data/02.csv", "data/copied.csv"),
  concat: (lake) => lake.concat(["data/03.csv", "data/04.csv"], "data/joined.csv"),
  move: (lake) => lake.move("data/05.csv", "data/moved.csv"),
  remove: (lake) => lake.remove("data/06.csv"),
  "remove of a directory": (lake) => lake.remove("data", { recursive: true }),
  mkdir: (lake) => lake.mkdir("made/below"),
  setExpiry: (lake) => lake.setExpiry("data/07.csv", LATER),
  access: (lake) => lake.access("data"),
  setAcl: (lake) => lake.setAcl("data/08.csv", ["user::rwx", "group::r-x", "other::---"]),
  "setAcl of all below": (lake) =>
    lake.setAcl("data", ["user::rwx", "group::r-x", "other::---"], { recursive: true }),
  du: (lake) => lake.du("data"),
  tree: (lake) => lake.tree("data"),
};
const OF_GEN2: typeof CALLS = {
  createFileSystem: (lake) => lake.createFileSystem(),
  deleteFileSystem: (lake) => lake.deleteFileSystem(),
  "exists of the root": (lake) => lake.exists(""),
};

describe.each([1, 2] as const)("of generation %i", (generation) => {
  let rig: Rig;
  let folder: string;
  let before: unknown;
  const calls = generation === 1 ? CALLS : { ...CALLS, ...OF_GEN2 };

  beforeAll(async () => {
    rig = await openRig(generation);
    folder = await mkdtemp(join(tmpdir(), "notelake-in-between-"));
    before = await everything(rig.direct);
  });
  afterEach(() => {
    rig.between.meddling = undefined;
    rig.between.struck.length = 0;
  });
  afterAll(async () => {
    await rig.close();
    await rm(folder, { recursive: true });
  });

  test("someone who only passes on is not noticed", async () => {
    expect(await everything(rig.lake)).toEqual(before);
    expect(Buffer.compare(await rig.lake.read("big.bin"), BIG)).toBe(0);
    expect(await rig.lake.readText("data/01.csv")).toBe(SEEDS["data/01.csv"]);
  });

  test.each(Object.entries(ANSWERS))("%s is nobody's answer", async (name, answer) => {
    rig.between.meddling = { answer };
    const results = await Promise.all(
      Object.entries(calls).map(async ([call, run]) => [
        call,
        await outcome(run(rig.lake, folder)),
      ]),
    );
    const codes = CUT.includes(name) ? ["UNREACHABLE", "NOT_AZURE"] : ["NOT_AZURE"];
    expect(results.filter(([, code]) => !codes.includes(String(code)))).toEqual([]);
    expect(await readdir(folder, { recursive: true })).toEqual(
      (await readdir(folder)).filter((found) => found === "data"),
    );
    rig.between.meddling = undefined;
    expect(await everything(rig.direct)).toEqual(before);
    // Whatever a refusal says, a token is asked for one service alone.
    expect(rig.scopes.size).toBe(1);
  });
});

/** The code of a failure; what came, where it was none. */
function outcome(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    (value) => ({ value }),
    (error) => (error instanceof LakeError ? error.code : error),
  );
}

/** All that a lake tells of what is in it. */
async function everything(lake: Lake) {
  const entries = await collect(lake.list("{*,.*,**/*}", { hidden: true }));
  const { acl } = await lake.access("data");
  return { entries, acl };
}
