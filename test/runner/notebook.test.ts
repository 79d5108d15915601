import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  asNotebook,
  readNotebook,
  refuseForeignKernel,
  writeNotebook,
} from "../../src/runner/notebook.ts";

const fixture = (name: string) => join(import.meta.dirname, "fixtures", `${name}.ipynb`);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "notelake-notebook-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("what is missing in a notebook is put in", () => {
  test("metadata, outputs and ids of cells, the same each time", async () => {
    const notebook = await readNotebook(fixture("no-metadata"));
    expect(notebook).toMatchObject({ metadata: {}, nbformat: 4, nbformat_minor: 5 });
    const [first, second] = notebook.cells;
    expect(first).toMatchObject({ metadata: {}, outputs: [], execution_count: null });
    expect(first?.id).toMatch(/^[\da-f]{8}$/);
    expect(second?.id).not.toBe(first?.id);
    expect(await readNotebook(fixture("no-metadata"))).toEqual(notebook);
  });

  test("an id for a cell whose own one another has, or that is none", async () => {
    const [first, second] = (await readNotebook(fixture("same-ids"))).cells;
    expect(first?.id).toBe("same");
    expect(second?.id).toMatch(/^[\da-f]{8}$/);
    const cells = [{ cell_type: "raw", id: "no id of nbformat!", source: "x" }];
    expect(asNotebook({ nbformat: 4, cells }, "x").cells[0]?.id).toMatch(/^[\da-f]{8}$/);
  });

  test("but nothing that makes no sense", () => {
    const refused = (parsed: unknown) => () => asNotebook(parsed, "x.ipynb");
    expect(refused([])).toThrow("x.ipynb is no notebook of nbformat 4");
    expect(refused({ nbformat: 5, cells: [] })).toThrow("is of nbformat 5, which is too new");
    expect(refused({ nbformat: 4, cells: [{}] })).toThrow("cell 1 of x.ipynb has no cell_type");
    expect(refused({ nbformat: 4, cells: [null] })).toThrow("cell 1 of x.ipynb has no cell_type");
  });
});

describe("the kernel that a notebook is written for", () => {
  const check = (metadata: Record<string, unknown>) => () =>
    refuseForeignKernel(asNotebook({ nbformat: 4, metadata, cells: [] }, "x"), "x.ipynb");

  test.each([
    [{}],
    [{ kernelspec: { name: "notelake", display_name: "TypeScript (notelake)" } }],
    [{ kernelspec: { name: "tslab", display_name: "TypeScript" } }],
    [{ kernelspec: { name: "deno", language: "typescript" } }],
    [{ kernelspec: { name: "in-venv", display_name: "In this venv", language: "typescript" } }],
    [{ language_info: { name: "typescript" } }],
  ])("%j runs", (metadata) => {
    expect(check(metadata)).not.toThrow();
  });

  test.each([
    [{ kernelspec: { name: "python3", display_name: "Python 3" } }, "the kernel Python 3,"],
    [{ kernelspec: { name: "python3" } }, "the kernel python3,"],
    [{ language_info: { name: "R" } }, "the language R,"],
    [{ kernelspec: { name: "jslab", language: "javascript" } }, "the kernel jslab and"],
  ])("%j is refused by name", (metadata, name) => {
    expect(check(metadata)).toThrow(`x.ipynb is written for ${name}`);
  });
});

describe("a file that is written", () => {
  async function copy(name: string, mode: number): Promise<string> {
    const file = join(folder, name);
    await writeFile(file, await readFile(fixture("passes")));
    await chmod(file, mode);
    return file;
  }

  test.each([0o644, 0o600, 0o444, 0o664])("keeps its mode %o", async (mode) => {
    const file = await copy(`mode-${mode}.ipynb`, mode);
    const notebook = await readNotebook(file);
    await writeNotebook(file, { ...notebook, metadata: { written: true } });
    expect((await stat(file)).mode & 0o777).toBe(mode);
    expect(await readFile(file, "utf8")).toContain('"written": true');
  });

  test("stays what a link leads to", async () => {
    await mkdir(join(folder, "elsewhere"));
    const file = await copy("elsewhere/real.ipynb", 0o640);
    const link = join(folder, "link.ipynb");
    await symlink("elsewhere/real.ipynb", link);
    const notebook = await readNotebook(link);
    await writeNotebook(link, { ...notebook, metadata: { written: true } });
    expect(await readlink(link)).toBe("elsewhere/real.ipynb");
    expect(await readFile(file, "utf8")).toContain('"written": true');
    expect((await stat(file)).mode & 0o777).toBe(0o640);
  });

  test.runIf(process.getuid?.() === 0)("keeps its owner", async () => {
    const file = await copy("owner.ipynb", 0o644);
    await chown(file, 12_345, 54_321);
    await writeNotebook(file, await readNotebook(file));
    expect(await stat(file)).toMatchObject({ uid: 12_345, gid: 54_321 });
  });
});
