import { relative, resolve } from "node:path";
import { readCommandLine, UsageError } from "../core/command-line.ts";
import { print } from "./command.ts";
import { makeProject } from "./new-project.ts";

const HELP = `notelake new FOLDER

Makes a project of your own in FOLDER, which must be empty or not there yet:
package.json, tsconfig.json, a notebook that runs, a TypeScript file that it
imports, a test that runs the notebook, a workflow for GitHub Actions,
.gitignore and README.md. Nothing is downloaded.
`;

export async function run(args: string[]): Promise<number> {
  const { values, positionals } = readCommandLine("new", args, {
    allowPositionals: true,
    options: { help: { type: "boolean", short: "h" } },
  });
  if (values.help) return print(HELP);
  const [folder, ...more] = positionals;
  if (!folder || more.length > 0) {
    throw new UsageError("notelake new takes one folder", "Such as: npx notelake new my-notebooks");
  }
  const path = resolve(folder);
  const files = await makeProject(path);
  const inside = relative(process.cwd(), path);
  const enter = inside.startsWith("..") ? path : inside;
  print(`Made ${path}\n${files.map((file) => `  ${file}`).join("\n")}\n\nNow:`);
  if (enter) print(`  cd ${/[^\w./~-]/.test(enter) ? `"${enter}"` : enter}`);
  return print(`  npm install
  npm start      open the notebook in JupyterLab
  npm test       run it as a test`);
}
