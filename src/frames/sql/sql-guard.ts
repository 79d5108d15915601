import { FrameError } from "../../core/errors.ts";
import type { SqlNode } from "./sql-node.ts";

// All that make rows of their arguments alone. Others read files, settings or statements.
const TABLE_FUNCTIONS = new Set([
  "generate_series",
  "generate_subscripts",
  "json_each",
  "json_tree",
  "range",
  "repeat",
  "repeat_row",
  "unnest",
]);

const BARRED_FUNCTIONS = new Set([
  "current_setting",
  "getenv",
  "json_execute_serialized_sql",
  "json_serialize_plan",
  "write_log",
]);

/**
 * Refuses what reaches beyond the lake and the given dataframes: functions that read files, settings
 * or another statement. The engine is locked besides, but the copies of lake files are open to it.
 *
 * @throws FrameError `BAD_SQL`
 */
export function refuseMachine(tree: unknown): void {
  if (Array.isArray(tree)) for (const item of tree) refuseMachine(item);
  if (typeof tree !== "object" || tree === null || Array.isArray(tree)) return;
  const node = tree as SqlNode;
  if (node.type === "TABLE_FUNCTION") {
    const name = nameOf(node.function);
    if (!TABLE_FUNCTIONS.has(name)) throw barred(name);
  }
  if (node.type === "FUNCTION" && BARRED_FUNCTIONS.has(nameOf(node))) throw barred(nameOf(node));
  // A name that ends where its `with` does would be a local path beyond it.
  const named = (node.cte_map as { map?: { key?: unknown }[] } | undefined)?.map ?? [];
  for (const { key } of named) {
    if (!/[/\\.:*?]/.test(String(key))) continue;
    throw new FrameError("BAD_SQL", `the name ${key} in a \`with\` clause looks like a path`, {
      hint: "Choose one of letters, digits and underscores.",
    });
  }
  for (const child of Object.values(node)) refuseMachine(child);
}

function nameOf(node: unknown): string {
  return String((node as SqlNode | undefined)?.function_name ?? "").toLowerCase();
}

function barred(name: string): FrameError {
  return new FrameError("BAD_SQL", `${name}() may not be called here`, {
    hint: "A statement reads files of the lake, by their path in quotes: from 'folder/*.parquet', or by read_csv, read_json, read_parquet, read_xlsx, delta_scan and glob. Files and settings of this machine are out of its reach.",
  });
}
