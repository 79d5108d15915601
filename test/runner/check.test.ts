import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const cli = resolve(import.meta.dirname, "../../src/cli.ts");
const fixture = (name: string) => join(import.meta.dirname, "fixtures", `${name}.ipynb`);

function check(...names: string[]): Promise<{ code: number; stdout: string }> {
  const flags = ["--conditions=notelake-source", "--disable-warning=ExperimentalWarning"];
  const args = [...flags, cli, "check", ...names.map(fixture)];
  return new Promise((done) => {
    execFile(process.execPath, args, (error, stdout) =>
      done({ code: Number(error?.code ?? 0), stdout }),
    );
  });
}

test("cells are checked together, and each error names notebook, cell and line", async () => {
  const { code, stdout } = await check("checked", "passes");
  expect(
    stdout,
  ).toBe(`checked.ipynb, cell 1 (id cell-1), line 1: TS6133: 'writeFile' is declared but its value is never read.
  import { readFile, writeFile } from "node:fs/promises";
                     ^
checked.ipynb, cell 1 (id cell-1), line 2: TS6133: 'width' is declared but its value is never read.
  let width = 2;
      ^
checked.ipynb, cell 2 (id cell-2), line 2: TS6133: 'depth' is declared but its value is never read.
  function area(height: number, depth: number): number {
                                ^
checked.ipynb, cell 2 (id cell-2), line 5: TS2345: Argument of type 'string' is not assignable to parameter of type 'number'.
  area(width, 1)
       ^
checked.ipynb, cell 3 (id cell-3), line 2: TS2322: Type 'NonSharedBuffer' is not assignable to type 'string'.
  export const text: string = await readFile("x");
               ^
2 notebooks checked, 5 errors
`);
  expect(code).toBe(1);
});

test("nothing is run, and notebooks without an error pass", async () => {
  const { code, stdout } = await check("passes", "endless", "exception", "late-request");
  expect(stdout).toBe("4 notebooks checked, 0 errors\n");
  expect(code).toBe(0);
});

test("what is no TypeScript notebook is refused by name", async () => {
  const { code, stdout } = await check("python");
  expect(stdout).toContain("python.ipynb is written for the kernel Python 3 (ipykernel)");
  expect(code).toBe(1);
});
