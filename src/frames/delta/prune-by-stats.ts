import { type Engine, identifier, literal } from "../sql/engine.ts";
import { conditionSql, type SqlNode } from "../sql/parse-tree.ts";
import type { AddedFile } from "./delta-actions.ts";
import { type Field, sqlOf } from "./delta-schema.ts";

/**
 * The files that may have rows for which all `conditions` are true, by the smallest and largest
 * values and the nulls of each column in the log. Comparisons of a column with a constant are
 * decided, and `and` and `or` of such; anything else rules no file out.
 *
 * @see https://github.com/delta-io/delta/blob/master/PROTOCOL.md#per-file-statistics
 */
export async function pruneByStats(
  engine: Engine,
  fields: readonly Field[],
  files: readonly AddedFile[],
  conditions: readonly SqlNode[],
): Promise<readonly AddedFile[]> {
  const scope: Scope = { engine, fields, used: new Set() };
  const tests = await Promise.all(conditions.map((condition) => mayHold(scope, condition)));
  if (scope.used.size === 0 || !files.some(({ stats }) => stats)) return files;
  const rows = files.map(({ stats }, file) => `(${file}, ${stats ? literal(stats) : "null"})`);
  const columns = [...scope.used].flatMap((field) => bounds(field));
  const result = await engine
    .runAndReadAll(
      `select file from (select file, (stats->>'numRecords')::bigint as "rows", ${columns.join(", ")}
         from (select file, stats::json as stats from (values ${rows.join(", ")}) v(file, stats)))
       where (${tests.join(") is distinct from false and (")}) is distinct from false`,
    )
    // Unreadable statistics rule nothing out, nor do comparisons of text with another type.
    .catch(() => undefined);
  if (!result) return files;
  const remaining = new Set(result.getRowsJson().map(([file]) => Number(file)));
  return files.filter((_, file) => remaining.has(file));
}

interface Scope {
  readonly engine: Engine;
  readonly fields: readonly Field[];
  /** Columns whose statistics are needed. */
  readonly used: Set<Field>;
}

const UNKNOWN = "null";
const LONGEST_TEXT = 32;

/** SQL for the smallest and largest value and the nulls of a column, each null where unknown. */
function bounds({ name, physicalName, type }: Field): string[] {
  const sql = sqlOf(type);
  const pointer = physicalName.replaceAll("~", "~0").replaceAll("/", "~1");
  const value = (kind: string) => `(stats->>${literal(`/${kind}/${pointer}`)})`;
  const [min, max] = ["minValues", "maxValues"].map((kind) => `try_cast(${value(kind)} as ${sql})`);
  const of = (kind: string) => identifier(`${kind} ${name}`);
  const nulls = `try_cast(${value("nullCount")} as bigint) as ${of("nulls")}`;
  // Statistics truncate timestamps to milliseconds, and long texts.
  if (sql.startsWith("TIMESTAMP")) {
    const millisecond = "interval 1 millisecond";
    return [
      `${min} - ${millisecond} as ${of("min")}`,
      `${max} + ${millisecond} as ${of("max")}`,
      nulls,
    ];
  }
  const isCut = `length(${max}) >= ${LONGEST_TEXT}`;
  const whole = sql === "VARCHAR" ? `case when ${isCut} then null else ${max} end` : max;
  return [`${min} as ${of("min")}`, `${whole} as ${of("max")}`, nulls];
}

/** SQL that is false only when no row of a file can match. Null means unknown. */
async function mayHold(scope: Scope, node: SqlNode): Promise<string> {
  const { type, left, right } = node;
  const children = listOf(node.children);
  const all = async (parts: Promise<string>[], word: string) =>
    `(${(await Promise.all(parts)).join(` ${word} `)})`;
  const [first, ...others] = children;
  const [sign, turned] = SIGNS[String(type)] ?? [];
  if (sign && turned) {
    return fieldOf(scope, left)
      ? compare(scope, left, sign, right)
      : compare(scope, right, turned, left);
  }
  switch (type) {
    case "CONJUNCTION_AND":
      return all(
        children.map((child) => mayHold(scope, child)),
        "and",
      );
    case "CONJUNCTION_OR":
      return all(
        children.map((child) => mayHold(scope, child)),
        "or",
      );
    case "COMPARE_BETWEEN": {
      const { input, lower, upper } = node;
      return all([compare(scope, input, ">=", lower), compare(scope, input, "<=", upper)], "and");
    }
    case "COMPARE_IN":
      return all(
        others.map((value) => compare(scope, first, "=", value)),
        "or",
      );
    case "OPERATOR_IS_NULL":
    case "OPERATOR_IS_NOT_NULL": {
      const field = fieldOf(scope, first);
      if (!field) return UNKNOWN;
      scope.used.add(field);
      const nulls = identifier(`nulls ${field.name}`);
      return type === "OPERATOR_IS_NULL" ? `${nulls} > 0` : `${nulls} < "rows"`;
    }
    default:
      return UNKNOWN;
  }
}

async function compare(
  scope: Scope,
  column: unknown,
  sign: string,
  constant: unknown,
): Promise<string> {
  const field = fieldOf(scope, column);
  if (!field || !isConstant(constant)) return UNKNOWN;
  scope.used.add(field);
  const value = `(${await conditionSql(scope.engine, constant)})`;
  const [min, max] = [identifier(`min ${field.name}`), identifier(`max ${field.name}`)];
  if (sign === "=") return `(${min} <= ${value} and ${max} >= ${value})`;
  return sign.startsWith("<") ? `${min} ${sign} ${value}` : `${max} ${sign} ${value}`;
}

/** Each comparison, and the same with its sides exchanged. */
const SIGNS: Readonly<Record<string, readonly [string, string]>> = {
  COMPARE_EQUAL: ["=", "="],
  COMPARE_LESSTHAN: ["<", ">"],
  COMPARE_GREATERTHAN: [">", "<"],
  COMPARE_LESSTHANOREQUALTO: ["<=", ">="],
  COMPARE_GREATERTHANOREQUALTO: [">=", "<="],
};

// Other types have another order (floats, because of NaN) or are not exact in JSON (wide decimals).
const ORDERED = /^(TINYINT|SMALLINT|INTEGER|BIGINT|DATE|TIMESTAMP|VARCHAR|DECIMAL\((\d|1[0-5]),)/;

function fieldOf({ fields }: Scope, node: unknown): Field | undefined {
  const { type, column_names: names } = (node ?? {}) as SqlNode;
  if (type !== "COLUMN_REF" || !Array.isArray(names) || names.length !== 1) return undefined;
  const name = String(names[0]).toLowerCase();
  const field = fields.find((candidate) => candidate.name.toLowerCase() === name);
  return field && ORDERED.test(sqlOf(field.type)) ? field : undefined;
}

function isConstant(node: unknown): node is SqlNode {
  const { class: kind, child } = (node ?? {}) as SqlNode;
  return kind === "CONSTANT" || (kind === "CAST" && isConstant(child));
}

function listOf(value: unknown): SqlNode[] {
  return Array.isArray(value) ? value : [];
}
