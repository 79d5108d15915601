import { FrameError } from "../../core/errors.ts";
import { describeColumns } from "../sql/describe-columns.ts";
import { type Engine, literals } from "../sql/engine.ts";

/** A column of a Parquet file, or a part of one. */
export interface ParquetNode {
  readonly name: string;
  readonly id: number | undefined;
  /**
   * `bytes` may be text of older writers, which did not mark it. A `variant` is marked as one;
   * other files have it as a struct.
   */
  readonly kind: "leaf" | "bytes" | "struct" | "variant" | "list" | "map";
  /** The element of a list, key and value of a map. */
  readonly children: readonly ParquetNode[];
}

/** Files with the same columns. */
export interface AlikeFiles {
  readonly columns: readonly ParquetNode[];
  /** Indices in the list of paths. */
  readonly files: readonly number[];
}

interface Element {
  readonly name: string;
  readonly id: number | null;
  readonly children: number | null;
  readonly type: string | null;
  readonly converted: string | null;
  readonly logical: string | null;
}

/** The columns of local Parquet files, grouped by equal columns. */
export async function readTrees(engine: Engine, paths: readonly string[]): Promise<AlikeFiles[]> {
  if (paths.length === 0) return [];
  const result = await engine.runAndReadAll(
    `with elements as (
       select file_name, to_json(list({name: name, id: field_id, children: num_children,
         repetition: repetition_type, converted: converted_type, type: type, length: type_length,
         precision: precision, scale: scale, logical: logical_type} order by column_id))::varchar as tree
       from parquet_schema(${literals(paths)}) group by file_name)
     select tree, to_json(list(file_name))::varchar from elements group by tree`,
  );
  const places = new Map<string, number[]>();
  for (const [index, path] of paths.entries()) {
    places.set(path, [...(places.get(path) ?? []), index]);
  }
  const alike: AlikeFiles[] = [];
  for (const [tree, names] of result.getRowsJson()) {
    const elements = (JSON.parse(String(tree)) as Element[]).values();
    const root = elements.next().value as Element;
    const columns = nextNodes(elements, root.children ?? 0);
    const files = (JSON.parse(String(names)) as string[])
      .flatMap((name) => places.get(name) ?? [])
      .sort((a, b) => a - b);
    alike.push({ columns: await markVariants(engine, paths[files[0] ?? 0] ?? "", columns), files });
  }
  return alike.sort((a, b) => (a.files[0] ?? 0) - (b.files[0] ?? 0));
}

/** Marks variants, which only the types of the columns tell. */
async function markVariants(
  engine: Engine,
  path: string,
  columns: readonly ParquetNode[],
): Promise<readonly ParquetNode[]> {
  if (!JSON.stringify(columns).includes('"metadata"')) return columns;
  const source = `from read_parquet(${literals([path])}, hive_partitioning = false)`;
  const described = await describeColumns(engine, source);
  return columns.map((column, index) => {
    const { type = "" } = described[index] ?? {};
    if (type === "VARIANT") return { ...column, kind: "variant", children: [] };
    if (!/\bVARIANT\b/.test(type)) return column;
    throw new FrameError("UNSUPPORTED", `column ${column.name} holds variants within its values`, {
      hint: "Write a copy of the table with the variants in columns of their own.",
    });
  });
}

/** The next `count` elements with all below them. */
function nextNodes(elements: Iterator<Element>, count: number): ParquetNode[] {
  const nodes: ParquetNode[] = [];
  for (let index = 0; index < count; index++) nodes.push(nodeOf(elements));
  return nodes;
}

function nodeOf(elements: Iterator<Element>): ParquetNode {
  const { name, id, children, type, converted, logical } = elements.next().value as Element;
  const node = { name, id: id ?? undefined };
  const isBytes = type === "BYTE_ARRAY" && converted === null && logical === null;
  if (!children) return { ...node, kind: isBytes ? "bytes" : "leaf", children: [] };
  if (converted === "LIST") return { ...node, kind: "list", children: [elementOf(name, elements)] };
  const below = nextNodes(elements, children);
  if (converted !== "MAP" && converted !== "MAP_KEY_VALUE") {
    return { ...node, kind: "struct", children: below };
  }
  return { ...node, kind: "map", children: below[0]?.children ?? [] };
}

/**
 * The element of a list: the child of its repeated group, or that group itself in files of older
 * writers (see "Lists" and its backward-compatibility rules in the Parquet format's
 * LogicalTypes.md).
 */
function elementOf(list: string, elements: Iterator<Element>): ParquetNode {
  const repeated = nodeOf(elements);
  const [only, ...more] = repeated.children;
  const isElement = repeated.name === "array" || repeated.name === `${list}_tuple`;
  return only === undefined || more.length > 0 || isElement ? repeated : only;
}
