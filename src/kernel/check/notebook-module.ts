// As a whole: see refuse-old-node.ts.
import module from "node:module";
import { importStatements, withoutStatements } from "./import-statements.ts";

/** The cells of a notebook as one module, and their positions in it. */
export interface NotebookModule {
  readonly text: string;
  readonly isJsx: boolean;
  /** The cell of an offset of the text, and the offset in it; undefined outside of cells. */
  locate(offset: number): { cell: number; offset: number } | undefined;
}

const escaped = (name: string): string => name.replaceAll("$", "\\$");

/** Imports without names, or with attributes. */
const OTHER_IMPORT =
  /^[ \t]*import\s*(?:[\w*{}\s,$]+\sfrom\s*)?["'][^"'\n]+["'](?:\s*with\s*\{[^}]*\})?[ \t]*;?/gm;

/**
 * Nests the cells of a notebook, so that each sees the declarations of the ones before and may
 * declare names again, and unused names are found:
 *
 * ```ts
 * import { openLake } from "notelake";
 * {
 * const lake = openLake("raw");
 * {
 * lake.list("**");
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
        // The line maps to the name in the cell.
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
    // `export` is not allowed in a block.
    return body.replace(
      /^export(?=\s+(?:const|let|function|class|enum|interface|type)\b)/gm,
      "      ",
    );
  });
  for (const [cell, body] of bodies.entries()) {
    const [open, close] = isObject(body) ? ["{(", ")"] : ["{", ""];
    add(open);
    add(body, { cell, offset: 0 });
    // With a semicolon, as `({ a })` before a brace would parse as parameters.
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

/** `{ rows: 1, bytes: 2 }` is an object in a notebook, not a block. */
function isObject(code: string): boolean {
  return /^\s*\{/.test(code) && isTypeScript(`(${code}\n)`);
}

/** Whether it parses after type stripping. */
function isTypeScript(code: string): boolean {
  try {
    module.stripTypeScriptTypes(code);
    return true;
  } catch {
    return false;
  }
}
