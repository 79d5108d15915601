import type { SourceColumn } from "../../frames/read/read-options.ts";
import { prepareColumns } from "../../frames/sql/describe-columns.ts";
import { type Engine, literal } from "../../frames/sql/engine.ts";
import type { SqlNode } from "../../frames/sql/parse-tree.ts";

/** What names mean in a part of a statement. */
export interface Scope {
  /** Entries of the `with` clauses around it. */
  readonly ctes: readonly SqlNode[];
  /** What stands behind its `from`. */
  readonly from: unknown;
}

/** Asks DuckDB what the parts of a statement are: it knows the tables, though none has a row. */
export class Binder {
  readonly #engine: Engine;
  /** `select 1`, as a tree. */
  readonly #empty: SqlNode;

  /** Nulls of the types that parameters have, by their names. */
  readonly #parameters: ReadonlyMap<string, SqlNode>;

  constructor(
    engine: Engine,
    empty: SqlNode,
    parameters: ReadonlyMap<string, SqlNode> = new Map(),
  ) {
    this.#engine = engine;
    this.#empty = empty;
    this.#parameters = parameters;
  }

  /** Names and types of what a `select` answers; undefined where it means nothing on its own. */
  async columnsOf(node: SqlNode, ctes: readonly SqlNode[]): Promise<SourceColumn[] | undefined> {
    const own = entriesOf(node);
    const shadowed = new Set(own.map(({ key }) => key));
    const map = [...ctes.filter(({ key }) => !shadowed.has(key)), ...own];
    const tree = { error: false, statements: [{ node: { ...node, cte_map: { map } } }] };
    const known = JSON.stringify(tree, (key, value) => {
      if (key === "select_list") return (value as SqlNode[]).map(named);
      return value?.class === "PARAMETER" ? this.#typed(value) : value;
    });
    try {
      const text = await this.#engine.runAndReadAll(
        `select json_deserialize_sql(${literal(known)}::json)`,
      );
      const columns = await prepareColumns(this.#engine, String(text.getRowsJson()[0]?.[0]));
      return columns.map(({ name, type }) => ({ name, type: String(type) }));
    } catch {
      return undefined; // of a correlated subquery, or of a lambda's variable
    }
  }

  #typed(parameter: SqlNode): SqlNode {
    const known = this.#parameters.get(String(parameter.identifier));
    return known ? { ...known, alias: parameter.alias } : parameter;
  }

  /** Names and types of columns that items of a select list stand for, `*` among them. */
  async columnsFor(
    items: readonly unknown[],
    { ctes, from }: Scope,
  ): Promise<SourceColumn[] | undefined> {
    return this.columnsOf({ ...this.#empty, select_list: items, from_table: from }, ctes);
  }

  /** The type of an expression, where it can be told. */
  async typeOf(expression: unknown, scope: Scope): Promise<string | undefined> {
    return (await this.columnsFor([expression], scope))?.[0]?.type;
  }
}

/** A parameter that is a column is named after itself. */
function named(item: SqlNode | undefined): SqlNode | undefined {
  if (item?.class !== "PARAMETER" || item.alias) return item;
  return { ...item, alias: `$${item.identifier}` };
}

export function entriesOf(node: SqlNode): SqlNode[] {
  const { map } = (node.cte_map ?? {}) as { map?: SqlNode[] };
  return map ?? [];
}
