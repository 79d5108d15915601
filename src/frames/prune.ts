import type { LakeEntry } from "../lake/lake.ts";
import { type Engine, identifier, literal } from "./engine.ts";
import { partitionsOf, partitionTypes } from "./read/partitions.ts";

/**
 * The files that may hold rows for the condition `where`, judged by their `key=value` folders. Each
 * part of the condition that speaks of partition columns alone is tried on the folders' values.
 */
export async function prune(
  engine: Engine,
  files: readonly LakeEntry[],
  where: string | undefined,
): Promise<readonly LakeEntry[]> {
  const types = partitionTypes(files.map(({ path }) => path));
  if (!where || types.size === 0) return files;
  const rows = files.map(({ path }, file) => {
    const values = partitionsOf(path);
    const cells = [...types].map(([key, type]) => {
      const value = values.get(key) ?? null;
      return `${value === null ? "null" : literal(value)}::${type}`;
    });
    return `(${[file, ...cells].join(", ")})`;
  });
  const names = ["notelake_file", ...types.keys()].map(identifier).join(", ");
  const table = `(values ${rows.join(", ")}) as folders(${names})`;
  let kept = new Set(files.keys());
  for (const condition of await conjuncts(engine, where)) {
    const result = await engine
      .runAndReadAll(`select notelake_file::int from ${table} where ${condition}\n`)
      // The condition speaks of other columns too: it rules no file out.
      .catch(() => undefined);
    if (!result) continue;
    const held = new Set(result.getRowsJson().map(([file]) => Number(file)));
    kept = new Set([...kept].filter((file) => held.has(file)));
  }
  // One file is needed to know the columns, even if no row remains.
  if (kept.size === 0) kept.add(0);
  return files.filter((_, file) => kept.has(file));
}

/** The parts of a condition between its outermost `and`s, as SQL. */
async function conjuncts(engine: Engine, where: string): Promise<string[]> {
  const parsed = await engine.runAndReadAll(
    `select json_serialize_sql(${literal(`select 1 where ${where}\n`)})`,
  );
  const tree = JSON.parse(withoutPlaces(parsed.getRowsJson()[0]?.[0])) as Parsed;
  const clause = tree.statements?.[0]?.node?.where_clause;
  if (!clause) return [];
  const parts = clause.type === "CONJUNCTION_AND" ? (clause.children ?? []) : [clause];
  return Promise.all(parts.map((part) => toSql(engine, part)));
}

// Places in the text can be larger than a number holds exactly, and nothing here needs them.
function withoutPlaces(tree: unknown): string {
  return String(tree).replace(/"query_location":\d+/g, '"query_location":0');
}

interface Parsed {
  readonly statements?: readonly { readonly node?: { readonly where_clause?: Clause } }[];
}
interface Clause {
  readonly type: string;
  readonly children?: readonly Clause[];
}

async function toSql(engine: Engine, clause: Clause): Promise<string> {
  const shell = await engine.runAndReadAll("select json_serialize_sql('select 1 where true')");
  const tree = JSON.parse(withoutPlaces(shell.getRowsJson()[0]?.[0]));
  tree.statements[0].node.where_clause = clause;
  const result = await engine.runAndReadAll(
    `select json_deserialize_sql(${literal(JSON.stringify(tree))}::json)`,
  );
  return String(result.getRowsJson()[0]?.[0]).replace(/^.*? WHERE /s, "");
}
