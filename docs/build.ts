// `npm run docs`: the documents site, in site/. Nothing of it needs a network, to make or to read.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Application, PageEvent } from "typedoc";
import { lacking } from "./check-comments.ts";
import { linkCodes } from "./link-codes.ts";
import { withOutputs } from "./notebook-page.ts";
import { writePages } from "./pages.ts";

const root = join(import.meta.dirname, "..");
const out = process.argv[2] ?? join(root, "site");
const folder = mkdtempSync(join(tmpdir(), "notelake-docs-"));
try {
  const pages = writePages(folder);
  const app = await Application.bootstrap({
    name: "notelake",
    tsconfig: join(import.meta.dirname, "tsconfig.json"),
    entryPoints: [
      "src/index.ts",
      "src/connect/spark.ts",
      "src/practice/index.ts",
      "src/runner/vitest.ts",
      "src/frames/danfo/index.ts",
    ].map((file) => join(root, file)),
    basePath: root,
    readme: pages.readme,
    projectDocuments: [...pages.chapters],
    out,
    disableSources: true,
    excludeExternals: true,
    excludePrivate: true,
    excludeInternal: true,
    sort: ["documents-first", "kind", "alphabetical-ignoring-documents"],
    sortEntryPoints: false,
    groupOrder: ["Functions", "Variables", "Classes", "Interfaces", "Type Aliases"],
    kindSortOrder: [
      "Document",
      "Module",
      "Function",
      "Variable",
      "Class",
      "Interface",
      "TypeAlias",
    ],
    customCss: join(import.meta.dirname, "style.css"),
    customJs: join(import.meta.dirname, "print.js"),
    hideGenerator: true,
    searchInComments: true,
    searchInDocuments: true,
    includeVersion: true,
    githubPages: false,
    highlightLanguages: ["typescript", "tsx", "python", "json", "yaml", "sql", "shell", "html"],
    ignoredHighlightLanguages: ["text"],
    navigation: { includeGroups: false },
    validation: { notExported: true, invalidLink: true, notDocumented: false },
    logLevel: "Warn",
  });
  app.renderer.on(PageEvent.END, (page) => {
    if (page.contents) page.contents = withOutputs(page.contents, pages.outputs);
  });
  linkCodes(app);
  const project = await app.convert();
  if (!project) throw new Error("the sources have errors");
  app.validate(project);
  for (const line of lacking(project)) app.logger.error(line as never);
  await app.generateOutputs(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) {
    process.exitCode = 1;
  } else {
    process.stdout.write(`The site is made: open ${pathToFileURL(join(out, "index.html"))}\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
