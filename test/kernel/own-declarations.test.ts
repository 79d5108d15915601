import { execFile } from "node:child_process";
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ownDeclarations, writeDeclarations } from "../../src/kernel/own-declarations.ts";

const root = join(import.meta.dirname, "../..");

let project: string;
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "notelake-declarations-"));
});
afterAll(() => rm(project, { recursive: true }));

test("the declarations of notelake need none of clients that it only uses", async () => {
  await writeDeclarations();
  const file = join(root, "node_modules/notelake/dist/index.d.ts");
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const args = [compiler, "--ignoreConfig", "--listFilesOnly", "--module", "nodenext", file];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(stdout).toContain("notelake/dist/lake/lake.d.ts");
  expect(stdout).not.toMatch(/@azure\/(?:arm|identity|msal|storage)/);
});

test("declarations are written anew when a source file is newer, and only then", async () => {
  await mkdir(join(project, "src"), { recursive: true });
  await mkdir(join(project, "node_modules"));
  await symlink(join(root, "node_modules/typescript"), join(project, "node_modules/typescript"));
  const options = { declaration: true, rootDir: "src", outDir: "dist", types: [] };
  const config = { compilerOptions: options, include: ["src"] };
  await writeFile(join(project, "tsconfig.build.json"), JSON.stringify(config));
  const facts = { name: "notelake", types: "./dist/index.d.ts", main: "./dist/index.js" };
  await writeFile(join(project, "package.json"), JSON.stringify(facts));
  const source = join(project, "src/index.ts");
  const declared = join(project, "node_modules/notelake");
  const types = () => readFile(join(declared, "dist/index.d.ts"), "utf8");

  await writeFile(source, "export const answer = 42 as number;");
  expect(ownDeclarations(project)).toBeUndefined();
  await writeDeclarations(project);
  expect(ownDeclarations(project)).toBe(declared);
  expect(await types()).toContain("answer: number");
  // tslab reads types by it, and Node has to find nothing to run by it.
  const written = JSON.parse(await readFile(join(declared, "package.json"), "utf8"));
  expect(written).toEqual({ name: "notelake", types: "./dist/index.d.ts" });

  await writeFile(source, "export const answer = 'text' as string;");
  const past = new Date(Date.now() - 60_000);
  await utimes(source, past, past);
  await writeDeclarations(project);
  expect(await types()).toContain("answer: number");

  const future = new Date(Date.now() + 60_000);
  await utimes(source, future, future);
  // Cells are checked by the sources until the declarations are written anew.
  expect(ownDeclarations(project)).toBeUndefined();
  await writeDeclarations(project);
  expect(await types()).toContain("answer: string");
  expect(await readdir(project)).not.toContain("dist");
});
