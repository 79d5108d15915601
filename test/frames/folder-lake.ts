import { createHash } from "node:crypto";
import { copyFile, glob, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { LakeError } from "../../src/core/errors.ts";
import type { LakeFiles } from "../../src/frames/lake-files.ts";
import type { LakeEntry, ReadOptions } from "../../src/lake/lake.ts";

/** A lake over a folder of this machine, for tests of what is done with files once they are here. */
export class FolderLake implements LakeFiles {
  readonly account = "folder";
  readonly fileSystem = "tests";
  readonly url: string;
  readonly root: string;
  /** Paths downloaded so far. */
  readonly downloads: string[] = [];
  /** How many bytes were read or downloaded so far. */
  bytes = 0;

  constructor(root: string) {
    this.root = resolve(root);
    this.url = `abfss://tests@folder.dfs.core.windows.net${this.root}/`;
  }

  async *list(pattern = "*"): AsyncIterable<LakeEntry> {
    const found: string[] = [];
    const wild = /[*?[{]/.test(pattern) ? pattern : join(pattern, "*");
    for await (const path of glob(wild, { cwd: this.root })) found.push(path);
    for (const path of found.sort()) yield this.stat(path);
  }

  async stat(place: string): Promise<LakeEntry> {
    const path = place.replace(/^\/+|\/+$/g, "");
    const facts = await stat(join(this.root, path)).catch((cause) => {
      throw new LakeError("NOT_FOUND", `${path} is not there`, { cause });
    });
    const tag = createHash("sha1").update(`${facts.mtimeMs} ${facts.size}`).digest("hex");
    return {
      path,
      kind: facts.isDirectory() ? "directory" : "file",
      size: facts.isDirectory() ? 0 : facts.size,
      modified: facts.mtime,
      etag: `"${tag}"`,
    };
  }

  async exists(path: string): Promise<boolean> {
    return this.stat(path).then(
      () => true,
      () => false,
    );
  }

  async read(path: string, { offset = 0, length, etag }: ReadOptions = {}): Promise<Uint8Array> {
    if (etag && (await this.stat(path)).etag !== etag) {
      throw new LakeError("CONFLICT", `${path} was changed by someone else meanwhile`);
    }
    const bytes = await readFile(join(this.root, path));
    const part = bytes.subarray(offset, length === undefined ? undefined : offset + length);
    this.bytes += part.length;
    return part;
  }

  readText(path: string): Promise<string> {
    return readFile(join(this.root, path), "utf8");
  }

  async download(path: string, localFile: string): Promise<LakeEntry> {
    this.downloads.push(path);
    await copyFile(join(this.root, path), localFile);
    const entry = await this.stat(path);
    this.bytes += entry.size;
    return entry;
  }

  async write(path: string, content: string | Uint8Array): Promise<LakeEntry> {
    await mkdir(dirname(join(this.root, path)), { recursive: true });
    await writeFile(join(this.root, path), content);
    return this.stat(path);
  }
}
