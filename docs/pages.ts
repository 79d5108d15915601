// The pages of the site that are not made from doc comments: each has one source in the repository,
// a Markdown file or a notebook, and is copied into a folder from which TypeDoc takes it.
import { existsSync, globSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { notebookPage } from "./notebook-page.ts";

const root = join(import.meta.dirname, "..");

/** A page that holds others. */
interface Chapter {
  readonly title: string;
  readonly about: string;
  /** In the order of the site, from the root of the repository. */
  readonly sources: readonly string[];
}

const CHAPTERS: readonly Chapter[] = [
  {
    title: "Tutorials",
    about:
      "Notebooks, with what their cells show. Run them yourself: in JupyterLab, by `npm start`.",
    sources: globSync("notebooks/*.ipynb", { cwd: root }).sort(),
  },
  {
    title: "Guide",
    about: "What each part of notelake is for, and how it is used.",
    sources: [
      "docs/guide/your-own-azure.md",
      "docs/guide/lakes-and-files.md",
      "docs/guide/cells-and-editors.md",
      "docs/guide/ci.md",
      "docs/guide/spark.md",
      "docs/guide/practice-cloud.md",
      "examples",
    ],
  },
  {
    title: "About notelake",
    about: "What is new, what is protected, where the data is from, and how to work on it.",
    sources: [
      "CHANGELOG.md",
      "SECURITY.md",
      "data/README.md",
      "CONTRIBUTING.md",
      "ARCHITECTURE.md",
      "test/docs/parity.md",
      "LICENSE",
    ],
  },
];

/** What TypeDoc is given. */
export interface Pages {
  readonly readme: string;
  readonly chapters: readonly string[];
  /** What cells have shown, by the name that stands for it on a page. */
  readonly outputs: ReadonlyMap<string, string>;
}

/** Writes every page into a folder. @throws Error naming a link that leads nowhere */
export function writePages(folder: string): Pages {
  const outputs = new Map<string, string>();
  const sources = CHAPTERS.flatMap((chapter) => chapter.sources);
  const forgotten = globSync("docs/guide/*.md", { cwd: root }).filter(
    (file) => !sources.includes(file),
  );
  if (forgotten.length > 0)
    throw new Error(`docs/pages.ts has no place for ${forgotten.join(", ")}`);
  const places = new Map(sources.map((source) => [source, join(folder, pageName(source))]));
  const write = (source: string, place: string, text: string, front: object = {}) => {
    mkdirSync(dirname(place), { recursive: true });
    const lines = Object.entries(front).map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`);
    const head = lines.length > 0 ? `---\n${lines.join("")}---\n` : "";
    writeFileSync(place, head + relinked(text, source, place, places));
  };
  for (const [source, place] of places) {
    const text = markdownOf(source, outputs);
    write(source, place, text, { title: titleOf(text, source) });
  }
  const readme = join(folder, "README.md");
  const text = readFileSync(join(root, "README.md"), "utf8");
  // The site's own heading says it already.
  write("README.md", readme, text.replace(/^# .*\n/, ""));
  const chapters = CHAPTERS.map(({ title, about, sources: own }) => {
    const rows = own.map((source) => {
      const page = markdownOf(source, outputs);
      return `| [${titleOf(page, source)}](${source}) | ${outcomeOf(page)} |`;
    });
    const list = `# ${title}\n\n${about}\n\n| page | what you get |\n|---|---|\n${rows.join("\n")}\n`;
    const place = join(folder, `${title.toLowerCase().replaceAll(" ", "-")}.md`);
    const children = own.map((source) => `./${pageName(source)}`);
    write("index", place, list, { title, children });
    return place;
  });
  return { readme, chapters, outputs };
}

function pageName(source: string): string {
  return `${source.replaceAll("/", "-").replace(/\.(md|ipynb)$/, "")}.md`;
}

function markdownOf(source: string, outputs: Map<string, string>): string {
  const file = join(root, source);
  if (source.endsWith(".ipynb")) return notebookPage(file, outputs);
  if (statSync(file).isDirectory()) return folderPage(file);
  const text = readFileSync(file, "utf8");
  return source.endsWith(".md") ? text : `# Licence\n\nMIT\n\n\`\`\`text\n${text}\`\`\`\n`;
}

/** The programs of a folder, with their texts. */
function folderPage(folder: string): string {
  const files = globSync("**/*.{ts,py}", { cwd: folder, exclude: ["**/node_modules"] }).sort();
  const parts = files.map((name) => {
    const language = name.endsWith(".py") ? "python" : "ts";
    return `## ${name}\n\n\`\`\`${language}\n${readFileSync(join(folder, name), "utf8")}\`\`\`\n`;
  });
  const about =
    "Whole tests of a program that knows nothing of the practice cloud, for three runners.";
  return `# Examples of tests\n\n${about}\n\n${parts.join("\n")}`;
}

function titleOf(text: string, source: string): string {
  return /^# (.+)/m.exec(text)?.[1] ?? basename(source);
}

/** The first sentence below the title. */
function outcomeOf(text: string): string {
  const [, after = ""] = text.split(/^# .+\n/m);
  const [paragraph = ""] = after.replace(/^\n+/, "").split("\n\n");
  if (/^[#|`-]|^ {4}/.test(paragraph)) return "";
  return /^.+?[.:](?= |$)/.exec(paragraph.replaceAll("\n", " "))?.[0].replace(/:$/, ".") ?? "";
}

/** A text whose links lead to pages of the site, or to files that the site gets a copy of. */
function relinked(
  text: string,
  source: string,
  place: string,
  places: ReadonlyMap<string, string>,
): string {
  const links = /(```[\s\S]*?```)|\]\(([^)\s]+)\)|((?:src|srcset)=")([^"]+)(?=")/g;
  return text.replace(links, (whole, code, inMarkdown, attribute, inHtml) => {
    const link: string = inMarkdown ?? inHtml ?? "";
    if (code || /^(https?:|data:|mailto:|#)/.test(link)) return whole;
    const [path = "", anchor] = link.split("#");
    const from = source.includes(".") ? dirname(source) : ".";
    const target = join(from, path).replace(/\/$/, "");
    const page = target === "README.md" ? join(dirname(place), "README.md") : places.get(target);
    if (!page && !existsSync(join(root, target))) {
      throw new Error(`${source} has a link to ${link}, which is not there`);
    }
    if (!page && (/\.(md|ipynb)$/.test(target) || statSync(join(root, target)).isDirectory())) {
      throw new Error(`${source} has a link to ${link}, which docs/pages.ts has no page for`);
    }
    const to = relative(dirname(place), page ?? join(root, target));
    const address = `${to.startsWith(".") ? to : `./${to}`}${anchor === undefined ? "" : `#${anchor}`}`;
    return attribute ? attribute + address : `](${address})`;
  });
}
