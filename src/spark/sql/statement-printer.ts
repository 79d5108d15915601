import type { SqlNode } from "../../frames/sql/parse-tree.ts";
import { type Binder, entriesOf, type Scope } from "./binder.ts";
import { isAggregate } from "./print-call.ts";
import { numberOf } from "./print-constant.ts";
import { printExpression } from "./print-expression.ts";
import { printTable } from "./print-table.ts";
import { type Printer, printAll } from "./printer.ts";
import { identifier, notInSpark } from "./spark-dialect.ts";

type Entries = readonly SqlNode[];

/** Prints a statement's syntax tree in Spark SQL. */
export class StatementPrinter implements Printer {
  readonly binder: Binder;
  readonly tableName: (name: string) => string;
  readonly nothing: unknown;
  readonly nowhere: unknown;

  constructor(binder: Binder, tableName: (name: string) => string, empty: SqlNode) {
    this.binder = binder;
    this.tableName = tableName;
    this.nothing = (empty.select_list as unknown[])[0];
    this.nowhere = empty.from_table;
  }

  async select(node: SqlNode, ctes: Entries, isNamed: boolean): Promise<string> {
    const own = entriesOf(node);
    const named: string[] = [];
    let known = ctes;
    for (const entry of own) {
      const { query, aliases } = entry.value as { query: { node: SqlNode }; aliases?: string[] };
      if (query.node.type === "RECURSIVE_CTE_NODE") {
        throw notInSpark("with recursive", "Join as many times as there are steps.");
      }
      const columns = aliases?.length ? ` (${aliases.map(identifier).join(", ")})` : "";
      const sql = await this.select(query.node, known, true);
      named.push(`${identifier(String(entry.key))}${columns} as (${sql})`);
      known = [...known.filter(({ key }) => key !== entry.key), entry];
    }
    const body = await this.#body(node, known, isNamed);
    return named.length > 0 ? `with ${named.join(", ")} ${body}` : body;
  }

  expression(expression: unknown, scope: Scope): Promise<string> {
    return printExpression(this, expression, scope);
  }

  async orders(orders: readonly SqlNode[], scope: Scope): Promise<string[]> {
    return printAll(orders, async (item) => {
      const { type, null_order: nulls, expression } = item as SqlNode;
      const direction = type === "DESCENDING" ? "desc" : "asc";
      const place = nulls === "NULLS FIRST" ? "nulls first" : "nulls last";
      return `${await this.expression(expression, scope)} ${direction} ${place}`;
    });
  }

  async #body(node: SqlNode, ctes: Entries, isNamed: boolean): Promise<string> {
    if (node.type === "SET_OPERATION_NODE") return this.#united(node, ctes, isNamed);
    if (node.type !== "SELECT_NODE") {
      throw notInSpark(String(node.type).toLowerCase().replaceAll("_", " "), "Write a select.");
    }
    return this.#select(node, ctes, isNamed);
  }

  async #united(node: SqlNode, ctes: Entries, isNamed: boolean): Promise<string> {
    const words: Record<string, string> = {
      UNION: "union",
      EXCEPT: "except",
      INTERSECT: "intersect",
    };
    const word = words[String(node.setop_type)];
    if (!word) throw notInSpark("union by name", "Name the columns in the same order.");
    const left = await this.select(node.left as SqlNode, ctes, isNamed);
    const right = await this.select(node.right as SqlNode, ctes, false);
    const modifiers = await this.#modifiers(node, { ctes, from: this.nowhere }, node, ctes);
    return `(${left}) ${word}${node.setop_all ? " all" : ""} (${right})${modifiers.text}`;
  }

  async #select(given: SqlNode, ctes: Entries, isNamed: boolean): Promise<string> {
    const scope = { ctes, from: given.from_table };
    const node = await this.#withoutAliases(given, scope);
    const names = (await this.binder.columnsOf(given, ctes))?.map(({ name }) => name);
    const items = await this.#items(node, scope, isNamed || node.qualify ? names : undefined);
    const { text, distinct } = await this.#modifiers(node, scope, given, ctes);
    const parts = [`from ${await printTable(this, node.from_table as SqlNode, ctes)}`];
    if ((node.from_table as SqlNode).type === "EMPTY") parts.pop();
    if (node.where_clause) parts.push(`where ${await this.expression(node.where_clause, scope)}`);
    const groups = await this.#groups(node, scope);
    if (groups) parts.push(groups);
    if (node.having) parts.push(`having ${await this.expression(node.having, scope)}`);
    if (node.sample)
      throw notInSpark("using sample", "Take a part by a condition, such as id % 100 = 1.");
    if (!node.qualify) return `select ${distinct}${[items.join(", "), ...parts].join(" ")}${text}`;
    if (!names)
      throw notInSpark("qualify here", "Put the window into a subquery, and where around it.");
    const condition = await this.expression(node.qualify, scope);
    const inner = [[...items, `${condition} as notelake_qualify`].join(", "), ...parts].join(" ");
    const outer = names.map(identifier).join(", ");
    return `select ${distinct}${outer} from (select ${inner}) as notelake_qualified where notelake_qualify${text}`;
  }

  /** Replaces aliases of the select list by their expressions where only DuckDB accepts aliases. */
  async #withoutAliases(node: SqlNode, scope: Scope): Promise<SqlNode> {
    const list = (node.select_list ?? []) as SqlNode[];
    if (!list.some(({ alias }) => alias)) return node;
    const star = {
      class: "STAR",
      type: "STAR",
      alias: "",
      relation_name: "",
      exclude_list: [],
      replace_list: [],
      columns: false,
      query_location: 0,
    };
    const columns = await this.binder.columnsFor([star], scope);
    const columnNames = new Set(columns?.map(({ name }) => name.toLowerCase()));
    const aliases = new Map<string, unknown>();
    const items = list.map((item) => {
      const replaced = replaceNames(item, aliases) as SqlNode;
      const alias = String(item.alias ?? "").toLowerCase();
      if (alias && !columnNames.has(alias)) aliases.set(alias, { ...replaced, alias: "" });
      return replaced;
    });
    const replaced = (part: unknown) => part && replaceNames(part, aliases);
    return {
      ...node,
      select_list: items,
      where_clause: replaced(node.where_clause),
      group_expressions: replaced(node.group_expressions),
      having: replaced(node.having),
      qualify: replaced(node.qualify),
    };
  }

  async #items(
    node: SqlNode,
    scope: Scope,
    names: readonly string[] | undefined,
  ): Promise<string[]> {
    const list = node.select_list as SqlNode[];
    const items: string[] = [];
    let place = 0;
    for (const item of list) {
      if (item.class === "STAR") {
        const expanded = await this.#star(item, scope);
        place += expanded.length;
        items.push(...expanded);
        continue;
      }
      const name = String(item.alias || names?.[place] || "");
      const sql = await this.expression(item, scope);
      // DuckDB returns the name as in the file, whatever its case in the statement.
      const own = (item.column_names as string[] | undefined)?.at(-1);
      const isOwn = item.class === "COLUMN_REF" && own === name;
      items.push(name && !isOwn ? `${sql} as ${identifier(name)}` : sql);
      place += 1;
    }
    return items;
  }

  /** The columns of a `*`, by name. */
  async #star(star: SqlNode, scope: Scope): Promise<string[]> {
    const columns = await this.binder.columnsFor([star], scope);
    if (!columns) throw notInSpark("* here", "Name the columns.");
    const table = String(star.relation_name || "");
    const names = columns.map(({ name }) => name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) {
      throw notInSpark(
        `* that has two columns named ${twice}`,
        "Name the columns, each with its table.",
      );
    }
    const replaced = new Map(
      ((star.replace_list ?? []) as SqlNode[]).map(({ key, value }) => [
        String(key).toLowerCase(),
        value,
      ]),
    );
    return printAll(names, async (item) => {
      const name = String(item);
      const expression = replaced.get(name.toLowerCase());
      if (expression) return `${await this.expression(expression, scope)} as ${identifier(name)}`;
      return table ? `${identifier(table)}.${identifier(name)}` : identifier(name);
    });
  }

  async #groups(node: SqlNode, scope: Scope): Promise<string | undefined> {
    if (node.aggregate_handling === "FORCE_AGGREGATES") {
      const list = (node.select_list as SqlNode[]).filter((item) => !hasAggregate(item));
      if (list.some(({ class: kind }) => kind === "STAR")) {
        throw notInSpark("group by all with *", "Name the columns.");
      }
      const printed = await printAll(list, (item) => this.expression(item, scope));
      return printed.length > 0 ? `group by ${printed.join(", ")}` : undefined;
    }
    const groups = (node.group_expressions ?? []) as SqlNode[];
    const sets = (node.group_sets ?? []) as number[][];
    if (groups.length === 0) return undefined;
    const printed = await printAll(groups, async (item) => {
      // A number is a position in the select list.
      const place = numberOf(item);
      const target = place === undefined ? item : (node.select_list as SqlNode[])[place - 1];
      return this.expression(target, scope);
    });
    const [only] = sets;
    if (sets.length === 1 && only?.length === groups.length)
      return `group by ${printed.join(", ")}`;
    const each = sets.map((set) => `(${set.map((index) => printed[index]).join(", ")})`);
    return `group by grouping sets (${each.join(", ")})`;
  }

  async #modifiers(
    node: SqlNode,
    scope: Scope,
    given: SqlNode,
    ctes: Entries,
  ): Promise<{ text: string; distinct: string }> {
    let [text, distinct] = ["", ""];
    for (const modifier of (node.modifiers ?? []) as SqlNode[]) {
      switch (modifier.type) {
        case "DISTINCT_MODIFIER":
          if ((modifier.distinct_on_targets as unknown[] | undefined)?.length) {
            throw notInSpark(
              "distinct on",
              "Write qualify row_number() over (partition by … order by …) = 1.",
            );
          }
          distinct = "distinct ";
          break;
        case "ORDER_MODIFIER":
          text += ` order by ${(await this.#sorting(modifier.orders as SqlNode[], scope, given, ctes)).join(", ")}`;
          break;
        case "LIMIT_MODIFIER": {
          const { limit, offset } = modifier;
          if (limit) text += ` limit ${await this.expression(limit, scope)}`;
          if (offset) text += ` offset ${await this.expression(offset, scope)}`;
          break;
        }
        default:
          throw notInSpark("limit in percent", "Name the number of rows.");
      }
    }
    return { text, distinct };
  }

  async #sorting(orders: readonly SqlNode[], scope: Scope, node: SqlNode, ctes: Entries) {
    const [first] = orders;
    if ((first?.expression as SqlNode | undefined)?.class !== "STAR")
      return this.orders(orders, scope);
    const columns = await this.binder.columnsOf({ ...node, modifiers: [] }, ctes);
    if (!columns) throw notInSpark("order by all here", "Name the columns.");
    const direction = first?.type === "DESCENDING" ? "desc" : "asc";
    const nulls = first?.null_order === "NULLS FIRST" ? "nulls first" : "nulls last";
    return columns.map((_, index) => `${index + 1} ${direction} ${nulls}`);
  }
}

/** Whether an expression contains an aggregate, outside windows and subqueries. */
function hasAggregate(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasAggregate);
  if (typeof value !== "object" || value === null) return false;
  const node = value as SqlNode;
  if (node.class === "SUBQUERY") return false;
  if (isAggregate(node)) return true;
  return Object.values(node).some(hasAggregate);
}

/** A copy of an expression with the names in `aliases` replaced, except in subqueries. */
function replaceNames(value: unknown, aliases: ReadonlyMap<string, unknown>): unknown {
  if (aliases.size === 0) return value;
  if (Array.isArray(value)) return value.map((item) => replaceNames(item, aliases));
  if (typeof value !== "object" || value === null || "rawJSON" in value) return value;
  const node = value as SqlNode;
  if (node.class === "SUBQUERY") return node;
  if (node.class === "COLUMN_REF") {
    const names = node.column_names as string[];
    const target = names.length === 1 ? aliases.get(String(names[0]).toLowerCase()) : undefined;
    return target ? { ...(target as SqlNode), alias: node.alias } : node;
  }
  return Object.fromEntries(
    Object.entries(node).map(([key, child]) => [key, replaceNames(child, aliases)]),
  );
}
