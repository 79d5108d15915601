// What is generated: the README's tables of notebooks and of the guide, each notebook's last cell, and the
// parity of the practice lake from its own tables and tests.
// `npm run fix` writes it; docs.test.ts fails when it is out of date.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Generated, parity } from "./parity.ts";

const root = join(import.meta.dirname, "../..");

interface Cell {
  cell_type: "markdown" | "code";
  id: string;
  source: string[] | string;
  metadata: { tags?: string[] };
}
interface Notebook {
  cells: Cell[];
}
interface Chapter {
  file: string;
  notebook: Notebook;
  title: string;
  outcome: string;
}

/** Every file that holds something generated. */
export function generated(): Generated[] {
  const chapters = readdirSync(join(root, "notebooks"))
    .filter((file) => file.endsWith(".ipynb"))
    .sort()
    .map(readChapter);
  return [readme(chapters), parity(), ...chapters.map((_, at) => navigation(chapters, at))];
}

function readChapter(file: string): Chapter {
  const notebook = JSON.parse(readFileSync(join(root, "notebooks", file), "utf8")) as Notebook;
  const lines = text(notebook.cells[0]).split("\n");
  const title = lines[0]?.replace(/^# /, "") ?? "";
  const outcome = lines.slice(1).find((line) => line.trim() !== "") ?? "";
  return { file, notebook, title, outcome };
}

function text(cell: Cell | undefined): string {
  return [cell?.source ?? ""].flat().join("");
}

function readme(chapters: Chapter[]): Generated {
  const file = join(root, "README.md");
  const actual = readFileSync(file, "utf8");
  const rows = chapters.map(
    ({ file: name, title, outcome }) => `| [${title}](notebooks/${name}) | ${outcome} |`,
  );
  const guide = readdirSync(join(root, "docs/guide")).map((name) => {
    const [title = "", about = ""] = readFileSync(join(root, "docs/guide", name), "utf8")
      .split("\n")
      .filter((line) => line !== "");
    return `| [${title.replace(/^# /, "")}](docs/guide/${name}) | ${about} |`;
  });
  const tables = {
    notebooks: ["| notebook | what you get |", "|---|---|", ...rows],
    guide: ["| page | what it tells |", "|---|---|", ...guide.sort()],
  };
  const expected = actual.replace(
    /(<!-- generated: (notebooks|guide) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, open, name: keyof typeof tables, close) => `${open}${tables[name].join("\n")}\n${close}`,
  );
  return { file, actual, expected };
}

function navigation(chapters: Chapter[], at: number): Generated {
  const chapter = chapters[at] as Chapter;
  const file = join(root, "notebooks", chapter.file);
  const link = (label: string, to?: Chapter) => (to ? [`${label}: [${to.title}](${to.file})`] : []);
  const source = [
    ...link("Previous", chapters[at - 1]),
    ...(at > 0 ? link("Contents", chapters[0]) : []),
    ...link("Next", chapters[at + 1]),
  ].join(" · ");
  const cells = chapter.notebook.cells.filter(({ id }) => id !== "navigation" && id !== "contents");
  const last = [at === 0 ? [contentsCell(chapters)] : [], markdown("navigation", source)].flat();
  const expected = { ...chapter.notebook, cells: [...cells, ...last] };
  return {
    file,
    actual: readFileSync(file, "utf8"),
    expected: `${JSON.stringify(expected, null, 1)}\n`,
  };
}

/** What the link to the contents leads to: every notebook, by what it is for. */
function contentsCell(chapters: Chapter[]): Cell {
  const rows = chapters.slice(1).map(({ file, title, outcome }) => {
    const wish = outcome.replace(/\.$/, "").replace(/^./, (first) => first.toLowerCase());
    return `| ${wish} | [${title}](${file}) |`;
  });
  const table = ["| you want to | notebook |", "|---|---|", ...rows].join("\n");
  return markdown("contents", `## Every notebook\n\n${table}`);
}

/** A cell as Jupyter writes it: keys in alphabetical order, text as lines. */
function markdown(id: string, text: string): Cell {
  const source = text.split(/(?<=\n)/);
  return { cell_type: "markdown", id, metadata: {}, source };
}

if (import.meta.main) {
  for (const { file, actual, expected } of generated()) {
    if (actual !== expected) writeFileSync(file, expected);
  }
}
