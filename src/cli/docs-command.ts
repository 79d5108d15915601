import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readCommandLine, UsageError } from "../core/command-line.ts";
import { nearNames } from "../core/near-names.ts";
import { print } from "./command.ts";

const HELP = `notelake docs [PAGE]

Lists the documents that come with the package, and where they are; with the
name of a page, such as spark, prints that page. It needs no network. What each
function takes and fails with, the editor shows: Shift-Tab in a notebook.
`;

const root = fileURLToPath(new URL("../..", import.meta.url));

export async function run(args: string[]): Promise<number> {
  const { values, positionals } = readCommandLine("docs", args, {
    options: { help: { type: "boolean", short: "h" } },
    allowPositionals: true,
  });
  if (values.help) return print(HELP);
  const [wanted] = positionals;
  const guide = globSync("docs/guide/*.md", { cwd: root }).sort();
  const pages = new Map(
    ["README.md", ...guide, "CHANGELOG.md", "SECURITY.md"].map((file) => [nameOf(file), file]),
  );
  if (wanted === undefined) return print(listed(pages));
  const page = pages.get(wanted.toLowerCase());
  if (page !== undefined) return print(readFileSync(join(root, page), "utf8"));
  const [near = "spark"] = nearNames([...pages.keys()], wanted);
  throw new UsageError(`there is no page ${wanted}. Did you mean notelake docs ${near}?`);
}

function nameOf(file: string): string {
  return file.replace(/^.*\/|\.md$/g, "").toLowerCase();
}

function listed(pages: ReadonlyMap<string, string>): string {
  const width = Math.max(...[...pages.keys()].map((name) => name.length));
  const lines = [...pages].map(([name, file]) => {
    const title = /^# (.+)/m.exec(readFileSync(join(root, file), "utf8"))?.[1] ?? file;
    return `${name.padEnd(width)}  ${title}`;
  });
  return [
    ...lines,
    "",
    "npx notelake docs PAGE prints one. They are files in",
    `  ${root}`,
    "and the notebooks beside them are the tutorials.",
  ].join("\n");
}
