import { FrameError } from "../../../core/errors.ts";
import { prepareColumns } from "../../sql/describe-columns.ts";
import { type Engine, identifier, literal } from "../../sql/engine.ts";
import { type Field, type JsonField, sqlOf } from "../delta-schema.ts";
import { deltaTypeOf, describeType, mayFit } from "./delta-types.ts";
import { partitionText } from "./partition-text.ts";
import type { SourceColumn, TableSchema } from "./table-schema.ts";

/** The columns of a statement, whose types Delta has. @throws FrameError `UNSUPPORTED` */
export async function sourceColumns(engine: Engine, sql: string): Promise<SourceColumn[]> {
  const columns = await prepareColumns(engine, sql);
  return columns.map(({ name, type: duckdbType }) => {
    const type = deltaTypeOf(duckdbType);
    if (type) return { name, sqlType: String(duckdbType), type };
    throw new FrameError("UNSUPPORTED", `column ${name} is of type ${duckdbType}`, {
      hint: `A Delta table has no such type. Write it as text, for one: select ${name}::varchar as ${name}.`,
    });
  });
}

/** How the alias of what is written is called in the expressions. */
export const SOURCE = "written";

/**
 * SQL for each column of the table, in its type, and for the texts of its partitions: an
 * expression that fails where a value would not be the same in the table, see `explainMisfit`.
 *
 * @throws FrameError `SCHEMA_MISMATCH`
 */
export async function fitColumns(
  engine: Engine,
  place: string,
  sql: string,
  { fields: all, partitionColumns }: TableSchema,
  fields: readonly Field[],
  columns: readonly SourceColumn[],
): Promise<{ readonly data: string[]; readonly partitions: string[] }> {
  const byName = new Map(columns.map((column) => [column.name.toLowerCase(), column]));
  const data: string[] = [];
  const partitions = new Map<string, string>();
  for (const [index, field] of fields.entries()) {
    const target = all[index] as JsonField;
    const column = byName.get(field.name.toLowerCase());
    const value = await fitColumn(engine, { place, sql, target, field, index }, column);
    if (partitionColumns.includes(field.name)) {
      partitions.set(field.name, partitionText(value, field.type, marker("e", index, "")));
    } else {
      data.push(`${value} as ${identifier(field.name)}`);
    }
  }
  return { data, partitions: partitionColumns.map((name) => partitions.get(name) ?? "null") };
}

interface Target {
  readonly place: string;
  readonly sql: string;
  readonly target: JsonField;
  readonly field: Field;
  readonly index: number;
}

async function fitColumn(
  engine: Engine,
  { place, sql, target, field, index }: Target,
  column: SourceColumn | undefined,
): Promise<string> {
  const type = sqlOf(field.type);
  const isRequired = target.nullable === false;
  if (!column) {
    if (isRequired) throw lacks(place, target);
    return `null::${type}`;
  }
  const value = `${SOURCE}.${identifier(column.name)}`;
  if (!mayFit(column.type, target.type)) {
    if (!(await isAllNull(engine, sql, column))) throw mismatch(place, column, target);
    if (isRequired) throw lacks(place, target);
    return `null::${type}`;
  }
  const exact = column.sqlType === type ? value : exactly(value, column.sqlType, type, index);
  return isRequired ? `coalesce(${exact}, error(${marker("n", index, "")}))` : exact;
}

/** The value as another type, if it is the same when it is turned back. */
function exactly(value: string, from: string, to: string, index: number): string {
  const cast = `try_cast(${value} as ${to})`;
  const failure = `error(${marker("v", index, `${value}::varchar`)})`;
  return `case when ${value} is null then null when try_cast(${cast} as ${from}) is not distinct from ${value} then ${cast} else ${failure} end`;
}

function marker(kind: "v" | "n" | "e", index: number, value: string): string {
  const start = literal(`notelake-misfit ${kind} ${index} `);
  return value ? `${start} || coalesce(left(${value}, 100), '')` : start;
}

/** What an expression of `fitColumns` failed of, in words; any other error as it is. */
export function explainMisfit(
  error: unknown,
  place: string,
  fields: readonly JsonField[],
  columns: readonly SourceColumn[],
): unknown {
  const message = error instanceof Error ? error.message : "";
  const [, kind, index = "", value = ""] =
    /notelake-misfit ([vne]) (\d+) (.*)/s.exec(message) ?? [];
  const field = fields[Number(index)];
  if (!kind || !field) return error;
  const { name, type } = field;
  const subject = `column ${name} of the Delta table ${place}`;
  if (kind === "n") {
    return new FrameError("SCHEMA_MISMATCH", `${subject} holds no nulls, and there is one`, {
      hint: "Leave those rows out, or give the column a value: coalesce(…).",
      cause: error,
    });
  }
  if (kind === "e") {
    return new FrameError(
      "BAD_COLUMN",
      `${subject} cannot keep an empty text: it partitions the table`,
      {
        hint: `Delta reads an empty partition as null. Say null yourself: select * replace (nullif(${name}, '') as ${name}).`,
        cause: error,
      },
    );
  }
  const column = columns.find((each) => each.name.toLowerCase() === name.toLowerCase());
  const from = column ? `, here ${describeType(column.type)}` : "";
  return new FrameError(
    "SCHEMA_MISMATCH",
    `${subject} is ${describeType(type)}${from}, and cannot hold ${value.split("\n")[0]} as it is`,
    {
      hint: "Nothing was written. Round or cast the column yourself if that is meant.",
      cause: error,
    },
  );
}

async function isAllNull(engine: Engine, sql: string, { name }: SourceColumn): Promise<boolean> {
  const counted = await engine.runAndReadAll(
    `select count(${identifier(name)})::int from (${sql}\n) as ${SOURCE}`,
  );
  return counted.getRowsJson()[0]?.[0] === 0;
}

function lacks(place: string, { name, type }: JsonField): FrameError {
  return new FrameError(
    "SCHEMA_MISMATCH",
    `column ${name} (${describeType(type)}) of the Delta table ${place} has to have values`,
    { hint: "What is written lacks it, and the table says that it holds no nulls." },
  );
}

function mismatch(place: string, column: SourceColumn, target: JsonField): FrameError {
  return new FrameError(
    "SCHEMA_MISMATCH",
    `column ${target.name} is ${describeType(target.type)} in the Delta table ${place}, and ${describeType(column.type)} here`,
    {
      hint: `Nothing was written. Cast it, or write the table anew with { mode: "overwrite", overwriteSchema: true }.`,
    },
  );
}
