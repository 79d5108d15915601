// As a whole: see refuse-old-node.ts.
import module from "node:module";
import { importStatements, withoutStatements } from "./import-statements.ts";

/** The cells of a notebook as one module, and where in it each of them is. */
export interface NotebookModule {
  readonly text: string;
  /** A cell has JSX in it. */
  readonly isJsx: boolean;
  /** Where an offset of the text is in the cells; undefined for what is in none. */
  locate(offset: number): { cell: number; offset: number } | undefined;
}

const escaped = (name: string): string => name.replaceAll("$", "\\$");

/** Imports that bring in no name, or say what kind of file they name. */
const OTHER_IMPORT =
  /^[ \t]*import\s*(?:[\w*{}\s,$]+\sfrom\s*)?["'][^"'\n]+["'](?:\s*with\s*\{[^}]*\})?[ \t]*;?/gm;

/**
 * Puts the cells of a notebook one into another, so that each sees what the ones before declare and
 * may declare it again, and what no later cell uses can be told:
 *
 * ```ts
 * import { openLake } from "notelake";
 * { const lake = openLake("raw");
 * { lake.list("**");
 * }}
 * ```
 */
export function notebookModule(cells: readonly string[]): NotebookModule {
  const parts: { from: number; to: number; cell: number; offset: number }[] = [];
  let text = "";
  const add = (piece: string, place?: { cell: number; offset: number }) => {
    if (place) parts.push({ from: text.length, to: text.length + piece.length, ...place });
    text += piece;
  };
  const imported = new Set<string>();
  const bodies = cells.map((code, cell) => {
    const statements = importStatements(code);
    for (const { specifier, names, start, end } of statements) {
      if (names.length === 0) add(`import {} from ${JSON.stringify(specifier)};\n`);
      for (const { imported: name, local, isTypeOnly } of names) {
        const type = isTypeOnly ? "type " : "";
        const clause = name === "*" ? `${type}* as ${local}` : `${type}{ ${name} as ${local} }`;
        const line = `import ${clause} from ${JSON.stringify(specifier)};`;
        if (imported.has(line)) continue;
        imported.add(line);
        const at = code
          .slice(start, end)
          .search(new RegExp(`(?<![\\w$])${escaped(local)}(?![\\w$])`));
        // The whole line stands for the name in the cell.
        add(line, { cell, offset: start + Math.max(0, at) });
        add("\n");
      }
    }
    let body = withoutStatements(code, statements);
    for (const { 0: statement, index } of [...body.matchAll(OTHER_IMPORT)]) {
      add(statement.trim(), { cell, offset: index });
      add("\n");
      body = withoutStatements(body, [
        { specifier: "", names: [], start: index, end: index + statement.length },
      ]);
    }
    // In a block nothing is exported.
    return body.replace(
      /^export(?=\s+(?:const|let|function|class|enum|interface|type)\b)/gm,
      "      ",
    );
  });
  for (const [cell, body] of bodies.entries()) {
    const [open, close] = isObject(body) ? ["{(", ")"] : ["{", ""];
    add(open);
    add(body, { cell, offset: 0 });
    // Without an end of its own, `({ a })` before a brace would be read as parameters.
    add(`\n${close};`);
  }
  add(`${"}".repeat(bodies.length)}\nexport {};\n`);
  return {
    text,
    isJsx: cells.some((code) => /<\/[\w.]*>|\/>/.test(code) && !isTypeScript(code)),
    locate(offset) {
      const part = parts.find(({ from, to }) => from <= offset && offset <= to);
      if (!part) return undefined;
      const { cell, from } = part;
      const isImport = text.startsWith("import ", from);
      return { cell, offset: part.offset + (isImport ? 0 : offset - from) };
    },
  };
}

/** `{ rows: 1, bytes: 2 }` is an object in a notebook, and no block. */
function isObject(code: string): boolean {
  return /^\s*\{/.test(code) && isTypeScript(`(${code}\n)`);
}

/** Whether it can be parsed, and needs no more than its types taken out. */
function isTypeScript(code: string): boolean {
  try {
    module.stripTypeScriptTypes(code);
    return true;
  } catch {
    return false;
  }
}
