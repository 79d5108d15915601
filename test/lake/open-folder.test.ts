import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  appendFile,
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type LocalFolder, openFolder } from "../../src/lake/open-folder.ts";
import { pathsIn } from "./listed.ts";

let scratch: string;
let folder: string;
let here: LocalFolder;

beforeEach(async () => {
  scratch = await realpath(await mkdtemp(join(tmpdir(), "notelake-folder-")));
  folder = join(scratch, "data");
  await mkdir(join(folder, "in/deep"), { recursive: true });
  await writeFile(join(folder, "in/a.csv"), "n\n1\n");
  await writeFile(join(folder, "in/deep/b.csv"), "n\n2\n");
  await writeFile(join(folder, "in/deep/.hidden"), "h");
  await writeFile(join(scratch, "secret.csv"), "n\n42\n");
  here = openFolder(folder);
});
afterEach(async () => {
  await rm(scratch, { recursive: true, force: true });
});

const refuses = (work: Promise<unknown>, code: string) =>
  expect(work).rejects.toMatchObject({ name: "LakeError", code });

/** Puts a link in the place of a folder, and back, as fast as can be. */
const SWAPPING = `
  const { renameSync, rmSync, symlinkSync } = require("node:fs");
  console.log("begins");
  for (;;) {
    renameSync("in", "was");
    symlinkSync(process.env.OTHER, "in");
    renameSync("in", "link");
    renameSync("was", "in");
    rmSync("link");
  }`;

describe("an opened folder", () => {
  test("is found by any path that leads to it, and shows itself by it", async () => {
    await symlink(folder, join(scratch, "link"));
    const linked = openFolder(join(scratch, "link"));
    expect(linked.url).toBe(`${pathToFileURL(folder).href}/`);
    expect(await linked.readText("in/a.csv")).toBe("n\n1\n");
    expect(await linked.readText(join(scratch, "link/in/a.csv"))).toBe("n\n1\n");
    expect(inspect(linked)).toBe(`Folder ${folder}`);
    expect(inspect(linked.list("in/*"))).toMatch(/^List of in\/\* in .*data: read it by/);
  });

  test.each(["", "https://lake.example/", "abfss://raw@lake.dfs.core.windows.net/"])(
    "is not %j",
    (place) => {
      expect(() => openFolder(place)).toThrow(/is no folder of this machine\n {2}Give its path/);
    },
  );

  test("is there already, and no file", () => {
    expect(() => openFolder(join(folder, "none"))).toThrow(/there is no .*data\/none/);
    expect(() => openFolder(join(folder, "in/a.csv"))).toThrow(/a\.csv is a file, not a folder/);
  });

  test("lists what a pattern says, each folder before what lies in it", async () => {
    expect(await pathsIn(here, "in")).toEqual(["in/a.csv", "in/deep"]);
    expect(await pathsIn(here, "in/**")).toEqual(["in/a.csv", "in/deep", "in/deep/b.csv"]);
    expect(await pathsIn(here, "**/{a,b}.csv")).toEqual(["in/a.csv", "in/deep/b.csv"]);
    expect(await pathsIn(here, "in/*/.h*")).toEqual(["in/deep/.hidden"]);
    expect(await pathsIn(here, `${folder}/in/*.csv`)).toEqual(["in/a.csv"]);
    expect(await pathsIn(here, `${here.url}in/a.csv`)).toEqual(["in/a.csv"]);
    expect(await pathsIn(here, "./in/*.csv")).toEqual(["in/a.csv"]);
    expect(await here.du("in")).toEqual({ files: 3, directories: 1, bytes: 9 });
  });

  test("says what there is in the place of a missing file", async () => {
    const missing = { code: "NOT_FOUND", hint: expect.stringMatching(/^in has: .*a\.csv/) };
    await expect(here.read("in/b.csv")).rejects.toMatchObject(missing);
    await expect(here.stat("in/b.csv/c")).rejects.toMatchObject(missing);
    await expect(pathsIn(here, "in/b.csv")).rejects.toMatchObject(missing);
    await expect(here.move("in/b.csv", "in/c.csv")).rejects.toMatchObject(missing);
    await expect(here.remove("in/b.csv")).rejects.toMatchObject(missing);
    expect(await here.exists("in/b.csv")).toBe(false);
  });

  test("reads parts of a file, and no byte beyond its end", async () => {
    expect(Buffer.from(await here.read("in/a.csv", { offset: 2, length: 1 })).toString()).toBe("1");
    expect((await here.read("in/a.csv", { offset: 2, length: 99 })).length).toBe(2);
    await refuses(here.read("in/a.csv", { offset: 4 }), "BAD_RANGE");
    await refuses(here.read("in"), "CONFLICT");
  });

  test("takes capitals as the file system does", async () => {
    const isThere = await lstat(join(folder, "IN/A.CSV")).then(
      () => true,
      () => false,
    );
    expect(await here.exists("IN/A.CSV")).toBe(isThere);
    expect(await pathsIn(here, "IN*/*.csv")).toEqual([]);
  });
});

describe("nothing outside of the folder is reached", () => {
  test.each([
    "../secret.csv",
    "in/../../secret.csv",
    "in/..",
    "/etc/passwd",
    "in/./a.csv",
    "in//a.csv",
    "in\\a.csv",
    "in/a\0.csv",
    "file:///etc/passwd",
    "https://lake.example/a.csv",
    `${"x".repeat(300)}.csv`,
    `${"x/".repeat(600)}a.csv`,
  ])("not by %s", async (path) => {
    await refuses(here.stat(path), "BAD_PATH");
    await refuses(here.read(path), "BAD_PATH");
    await refuses(here.download(path, join(scratch, "copy")), "BAD_PATH");
    await refuses(here.remove(path), "BAD_PATH");
    await refuses(here.upload(join(scratch, "secret.csv"), path), "BAD_PATH");
    if (!path.includes("\\")) await refuses(pathsIn(here, path), "BAD_PATH");
    await refuses(pathsIn(here, "../*.csv"), "BAD_PATH");
    expect(await pathsIn(here, "*/../../s*.csv")).toEqual([]);
    const inside = `${folder}/../secret.csv`;
    await refuses(here.read(inside), "BAD_PATH");
    await refuses(here.move("in/a.csv", inside), "BAD_PATH");
  });

  test("not by a link, in any place of a path", async () => {
    await symlink(join(scratch, "secret.csv"), join(folder, "in/link.csv"));
    await symlink(scratch, join(folder, "out"));
    const out = { code: "BAD_PATH", message: expect.stringMatching(/link that leads out of/) };
    for (const path of ["in/link.csv", "out/secret.csv", "out"]) {
      await expect(here.stat(path)).rejects.toMatchObject(out);
      await expect(here.read(path)).rejects.toMatchObject(out);
      await expect(here.exists(path)).rejects.toMatchObject(out);
    }
    await expect(pathsIn(here, "out/*")).rejects.toMatchObject(out);
    await expect(here.remove("out/secret.csv")).rejects.toMatchObject(out);
    await expect(here.move("out/secret.csv", "mine.csv")).rejects.toMatchObject(out);
    const upload = here.upload(join(folder, "in/a.csv"), "out/secret.csv", { overwrite: true });
    await expect(upload).rejects.toThrow(/out is a link, where a folder is to be/);
    expect(await readFile(join(scratch, "secret.csv"), "utf8")).toBe("n\n42\n");
    // They are listed, so that nothing is missing without a word, and count no bytes of others.
    expect(await pathsIn(here, "**")).toEqual(
      "in in/a.csv in/deep in/deep/b.csv in/link.csv out".split(" "),
    );
    const copy = here.download("in/link.csv", join(scratch, "copy"));
    await expect(copy).rejects.toMatchObject(out);
  });

  test("links inside of it are followed, but patterns do not go through those to folders", async () => {
    await symlink("a.csv", join(folder, "in/same.csv"));
    await symlink("../in", join(folder, "in/loop"));
    await symlink("nowhere", join(folder, "in/broken.csv"));
    await symlink("round.csv", join(folder, "in/round.csv"));
    expect(await here.readText("in/same.csv")).toBe("n\n1\n");
    expect(await here.readText("in/loop/loop/deep/b.csv")).toBe("n\n2\n");
    expect(await here.stat("in/same.csv")).toMatchObject({ kind: "file", size: 4 });
    expect(await pathsIn(here, "in/**")).toEqual(
      "a.csv broken.csv deep deep/b.csv loop round.csv same.csv".split(" ").map((n) => `in/${n}`),
    );
    await refuses(here.read("in/broken.csv"), "NOT_FOUND");
    await refuses(here.read("in/round.csv"), "BAD_PATH");
  });

  // Elsewhere the system does not tell where an opened file is.
  test.runIf(process.platform === "linux")("not by a link made while it is read", async () => {
    await mkdir(join(scratch, "other"));
    await writeFile(join(scratch, "other/a.csv"), "n\n42\n");
    const swapping = spawn(process.execPath, ["-e", SWAPPING], {
      cwd: folder,
      env: { ...process.env, OTHER: join(scratch, "other") },
    });
    const seen = new Set<string>();
    try {
      await once(swapping.stdout, "data");
      for (let round = 0; round < 1500; round++) {
        seen.add(await here.readText("in/a.csv").catch(({ code }) => code));
      }
    } finally {
      swapping.kill();
      await once(swapping, "close");
    }
    expect([...seen].filter((text) => text.includes("42"))).toEqual([]);
    expect(
      [...seen].filter((code) => !/^(n\n1\n|NOT_FOUND|BAD_PATH|CONFLICT)$/.test(code)),
    ).toEqual([]);
  });
});

describe("files that are not as files are", () => {
  test("a pipe is no file, and nobody waits for its writer", async () => {
    spawnSync("mkfifo", [join(folder, "in/pipe.csv")]);
    await refuses(here.read("in/pipe.csv"), "BAD_PATH");
    await refuses(here.stat("in/pipe.csv"), "BAD_PATH");
    expect(await pathsIn(here, "in/*.csv")).toEqual(["in/a.csv"]);
  });

  test("a name that cannot be asked for is refused, and not passed over", async () => {
    await writeFile(join(folder, "in/back\\slash.csv"), "n\n3\n");
    await expect(pathsIn(here, "in/*.csv")).rejects.toThrow(
      /"in\/back\\\\slash.csv" in .* cannot be used: .*backslash/,
    );
    await rm(join(folder, "in/back\\slash.csv"));
    await writeFile(Buffer.concat([Buffer.from(`${folder}/in/`), Buffer.from([0xff, 0xfe])]), "x");
    await expect(pathsIn(here, "in/*")).rejects.toThrow(/its name is not Unicode/);
  });

  test.skipIf(process.geteuid?.() !== 0)("what this user may not read is refused", async () => {
    await chmod(scratch, 0o755);
    await chmod(join(folder, "in/a.csv"), 0o600);
    await chmod(join(folder, "in/deep"), 0o700);
    process.seteuid?.(65534);
    try {
      await refuses(here.read("in/a.csv"), "FORBIDDEN");
      await refuses(pathsIn(here, "in/**"), "FORBIDDEN");
      await refuses(here.upload(join(scratch, "secret.csv"), "in/new.csv"), "LOCAL_FILE");
      await refuses(here.remove("in/a.csv"), "FORBIDDEN");
    } finally {
      process.seteuid?.(0);
    }
  });

  test("a file that changes while it is read is refused", async () => {
    const entry = await here.stat("in/a.csv");
    const download = here.download("in/a.csv", join(scratch, "copy"), {
      onProgress: () => void spawnSync("sh", ["-c", `echo 9 >> ${folder}/in/a.csv`]),
    });
    await refuses(download, "CONFLICT");
    await refuses(here.read("in/a.csv", { etag: entry.etag }), "CONFLICT");
  });

  test("a version is another one when the content is, though size and times look the same", async () => {
    const path = join(folder, "in/a.csv");
    const seen = new Set<string>();
    for (let round = 0; round < 50; round++) {
      await writeFile(path, `n\n${round % 10}\n`);
      seen.add((await here.stat("in/a.csv")).etag);
    }
    expect(seen.size).toBe(50);
    const [first, second] = [await here.stat("in/a.csv"), await here.stat("in/a.csv")];
    expect(first.etag).not.toBe(second.etag);
    // While nothing is written it may be read by what a list said.
    const entry = await here.stat("in/a.csv");
    expect(Buffer.from(await here.read("in/a.csv", { etag: entry.etag })).toString()).toBe(
      "n\n9\n",
    );
    await new Promise((done) => setTimeout(done, 2100));
    const settled = await here.stat("in/a.csv");
    expect(await here.stat("in/a.csv")).toEqual(settled);
    await appendFile(path, "1\n");
    await refuses(here.read("in/a.csv", { etag: settled.etag }), "CONFLICT");
  });
});

describe("what is written", () => {
  test("is whole, replaces nothing unless told to, and goes through no link", async () => {
    const source = join(scratch, "secret.csv");
    expect(await here.upload(source, "out/new/x.csv")).toMatchObject({
      path: "out/new/x.csv",
      size: 5,
    });
    await refuses(here.upload(source, "in/a.csv"), "EXISTS");
    expect(await here.readText("in/a.csv")).toBe("n\n1\n");
    const victim = join(scratch, "victim.csv");
    await writeFile(victim, "mine");
    await symlink(victim, join(folder, "in/trap.csv"));
    await refuses(here.upload(source, "in/trap.csv"), "EXISTS");
    await here.upload(source, "in/trap.csv", { overwrite: true });
    expect(await readFile(victim, "utf8")).toBe("mine");
    expect(await here.readText("in/trap.csv")).toBe("n\n42\n");
    await refuses(here.upload(source, "in", { overwrite: true }), "CONFLICT");
    await refuses(here.upload(join(scratch, "none"), "x.csv"), "LOCAL_FILE");
    const all = await readdir(folder, { recursive: true });
    expect(all.filter((name) => name.includes("notelake"))).toEqual([]);
  });

  test("is moved and removed, links as such", async () => {
    await here.move("in/a.csv", "moved/a.csv");
    await refuses(here.move("moved/a.csv", "in/deep/b.csv"), "EXISTS");
    await here.move("moved/a.csv", "in/deep/b.csv", { overwrite: true });
    expect(await here.readText("in/deep/b.csv")).toBe("n\n1\n");
    await mkdir(join(folder, "in/empty"));
    await refuses(here.move("in/deep", "in/empty"), "EXISTS");
    await here.remove("in/empty");
    await here.move("in/deep", "in/deeper");
    await refuses(here.remove("in/deeper"), "CONFLICT");
    await symlink(scratch, join(folder, "in/deeper/out"));
    await here.remove("in/deeper", { recursive: true });
    expect(await readdir(scratch)).toContain("secret.csv");
    await refuses(here.remove(""), "BAD_PATH");
    expect(await pathsIn(here, "**")).toEqual(["in", "moved"]);
  });
});
