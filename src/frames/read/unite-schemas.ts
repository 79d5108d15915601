import { FrameError } from "../../core/errors.ts";
import type { StagedFile } from "../cache/stage.ts";
import type { ReadOptions, SourceColumn } from "./read-options.ts";

/** The columns of one file. */
export interface FileSchema {
  readonly file: StagedFile;
  readonly columns: readonly SourceColumn[];
}

/**
 * The columns of all files, each in a type that holds the values of every file.
 *
 * @throws FrameError `SCHEMA_MISMATCH` when files differ in their column names, unless
 *   `options.schemas` is `union`
 */
export function uniteSchemas(schemas: readonly FileSchema[], options: ReadOptions): SourceColumn[] {
  const [first, ...others] = schemas;
  if (!first) return [];
  const types = new Map(first.columns.map(({ name, type }) => [name, type]));
  for (const schema of others) {
    if (options.schemas !== "union") refuseOthers(first, schema);
    for (const { name, type } of schema.columns) {
      const before = types.get(name);
      types.set(name, before === undefined ? type : wider(before, type));
    }
  }
  return [...types].map(([name, type]) => ({ name, type }));
}

function refuseOthers(first: FileSchema, other: FileSchema): void {
  const here = new Set(other.columns.map(({ name }) => name));
  const there = new Set(first.columns.map(({ name }) => name));
  const missing = [...there].filter((name) => !here.has(name));
  const extra = [...here].filter((name) => !there.has(name));
  if (missing.length + extra.length === 0) return;
  const parts = [
    missing.length > 0 ? `lacks ${missing.join(", ")}` : "",
    extra.length > 0 ? `has ${extra.join(", ")} besides` : "",
  ].filter(Boolean);
  throw new FrameError(
    "SCHEMA_MISMATCH",
    `${other.file.entry.path} ${parts.join(" and ")}, compared with ${first.file.entry.path}`,
    { hint: 'Say { schemas: "union" } to have all columns, null where a file lacks one.' },
  );
}

function wider(a: string, b: string): string {
  if (a === b) return a;
  const pair = [a, b].sort().join(" ");
  if (pair === "BIGINT DOUBLE") return "DOUBLE";
  if (pair === "DATE TIMESTAMP") return "TIMESTAMP";
  return "VARCHAR";
}
