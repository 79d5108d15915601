import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");

/** A piece of code in the doc comment of a declaration. */
export interface Example {
  /** Name of what the comment is about. */
  readonly of: string;
  readonly file: string;
  readonly code: string;
}

/** Every `@example` of the sources, but of those that nobody outside reaches. */
export function examples(): Example[] {
  return globSync("src/**/*.ts", { cwd: root })
    .sort()
    .flatMap((file) => {
      const text = readFileSync(join(root, file), "utf8");
      const comments = text.matchAll(/\/\*\*((?:[^*]|\*(?!\/))*)\*\/\s*([^\n]*)/g);
      return [...comments].flatMap(([, comment = "", declaration = ""]) => {
        const of = /(?:function|const|interface|class|type)?\s*(\w+)/.exec(
          declaration.replace(/^export (async )?/, ""),
        );
        const lines = comment.split("\n").map((line) => line.replace(/^\s*\* ?/, ""));
        return codeOf(lines).map((code) => ({ of: of?.[1] ?? "", file, code }));
      });
    });
}

/** What follows each `@example`, until another tag. */
function codeOf(lines: readonly string[]): string[] {
  const parts: string[][] = [];
  let current: string[] | undefined;
  for (const line of lines) {
    if (line.startsWith("@")) {
      current = /^@example\b/.test(line) ? [line.replace(/^@example\s*/, "")] : undefined;
      if (current) parts.push(current);
    } else {
      current?.push(line);
    }
  }
  return parts.map((part) => part.join("\n").replaceAll("*\\/", "*/").trim());
}
