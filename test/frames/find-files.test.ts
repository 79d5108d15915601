import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { LakeError } from "../../src/core/errors.ts";
import { findFiles } from "../../src/frames/discover/find-files.ts";
import type { LakeEntry } from "../../src/lake/lake.ts";
import { FolderLake } from "./folder-lake.ts";
import { scratchFolder } from "./scratch-folder.ts";

// How many times loading waits for the lake before it knows what to load.

const folder = scratchFolder();

beforeAll(async () => {
  await mkdir(join(folder, "sales/month=1"), { recursive: true });
  await writeFile(join(folder, "sales/month=1/a.csv"), "n\n1\n");
  await writeFile(join(folder, "extract"), "n\n1\n");
});

/** Says what a path is only once something was listed, and remembers who gave up listing. */
class ShyLake extends FolderLake {
  readonly listed: string[] = [];
  given: AbortSignal | undefined;
  #list = () => {};
  readonly #asked = new Promise<void>((resolve) => {
    this.#list = resolve;
  });

  override list(
    pattern = "*",
    { signal }: { signal?: AbortSignal } = {},
  ): AsyncIterable<LakeEntry> {
    this.listed.push(pattern);
    this.given = signal;
    this.#list();
    return super.list(pattern);
  }

  override async stat(place: string): Promise<LakeEntry> {
    if (!place.includes(".")) await this.#asked;
    return super.stat(place);
  }
}

test("a folder is listed while the lake is still asked what it is", async () => {
  const lake = new ShyLake(folder);
  const { files } = await findFiles(lake, "/sales/");
  expect(files.map(({ path }) => path)).toEqual(["sales/month=1/a.csv"]);
  expect(lake.listed).toEqual(["sales/**"]); // and not once more
});

test("a file whose name looks like a folder's is found, and the listing of it is given up", async () => {
  const lake = new ShyLake(folder);
  expect((await findFiles(lake, "extract")).files.map(({ path }) => path)).toEqual(["extract"]);
  expect(lake.given?.aborted).toBe(true);
});

test("a file whose name looks like a file's is not listed", async () => {
  const lake = new ShyLake(folder);
  await findFiles(lake, "sales/month=1/a.csv");
  expect(lake.listed).toEqual([]);
});

test("what is not there is not there, whatever listing it says", async () => {
  const lake = new ShyLake(folder);
  await expect(findFiles(lake, "nowhere")).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("what goes from a folder while that is listed has it listed again, once", async () => {
  let times = 0;
  class Changing extends FolderLake {
    override async *list(pattern?: string): AsyncIterable<LakeEntry> {
      yield* super.list(pattern);
      if (times-- > 0) throw new LakeError("NOT_FOUND", "there is no sales/month=2");
    }
  }
  times = 1;
  const { files } = await findFiles(new Changing(folder), "sales/**/*.csv");
  expect(files.map(({ path }) => path)).toEqual(["sales/month=1/a.csv"]);
  times = Number.POSITIVE_INFINITY;
  const failing = findFiles(new Changing(folder), "sales/**/*.csv");
  await expect(failing).rejects.toThrow("there is no sales/month=2");
});
