import type { SourceColumn } from "../../frames/read/read-options.ts";
import { prepareColumns } from "../../frames/sql/describe-columns.ts";
import { type Engine, literal } from "../../frames/sql/engine.ts";
import type { SqlNode } from "../../frames/sql/parse-tree.ts";

/** The scope of a part of a statement, in which names are resolved. */
export interface Scope {
  /** Entries of the enclosing `with` clauses (common table expressions). */
  readonly ctes: readonly SqlNode[];
  /** Its `from` clause. */
  readonly from: unknown;
}

/** Resolves columns and types by DuckDB, which has the tables without rows. */
export class Binder {
  readonly #engine: Engine;
  /** Syntax tree of `select 1`. */
  readonly #empty: SqlNode;

  /** Typed nulls in place of parameters, by name. */
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

  /** Names and types of a `select`'s columns; undefined when it cannot be resolved by itself. */
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

  /** Names and types of the columns of a select list's items, `*` among them. */
  async columnsFor(
    items: readonly unknown[],
    { ctes, from }: Scope,
  ): Promise<SourceColumn[] | undefined> {
    return this.columnsOf({ ...this.#empty, select_list: items, from_table: from }, ctes);
  }

  /** The type of an expression, if it can be resolved. */
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
