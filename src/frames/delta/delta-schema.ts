import { FrameError } from "../../core/errors.ts";
import { identifier } from "../sql/engine.ts";
import type { MetaData } from "./delta-actions.ts";
import type { ColumnMapping } from "./protocol.ts";

/** A column of a table, or a part of a struct. */
export interface Field {
  readonly name: string;
  /** Its name in data files, partition values and statistics. */
  readonly physicalName: string;
  /** Its field id in data files, in tables whose columns are mapped by id. */
  readonly id: number | undefined;
  readonly type: FieldType;
}

export type FieldType =
  | { readonly kind: "leaf"; readonly sql: string }
  | { readonly kind: "struct"; readonly fields: readonly Field[] }
  | { readonly kind: "list"; readonly element: FieldType }
  | { readonly kind: "map"; readonly key: FieldType; readonly value: FieldType };

/** A column as the `schemaString` has it. */
export interface JsonField {
  readonly name: string;
  readonly type: JsonType;
  readonly nullable?: boolean;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

export type JsonType =
  | string
  | { readonly type: "struct"; readonly fields: readonly JsonField[] }
  | { readonly type: "array"; readonly elementType: JsonType; readonly containsNull?: boolean }
  | {
      readonly type: "map";
      readonly keyType: JsonType;
      readonly valueType: JsonType;
      readonly valueContainsNull?: boolean;
    };

const TYPES: Readonly<Record<string, string>> = {
  string: "VARCHAR",
  long: "BIGINT",
  integer: "INTEGER",
  short: "SMALLINT",
  byte: "TINYINT",
  float: "FLOAT",
  double: "DOUBLE",
  boolean: "BOOLEAN",
  binary: "BLOB",
  date: "DATE",
  timestamp: "TIMESTAMP WITH TIME ZONE",
  timestamp_ntz: "TIMESTAMP",
  variant: "JSON",
  // Always null; data files do not have it.
  void: "VARCHAR",
};

/**
 * The columns of a table, from its `schemaString`.
 *
 * @throws FrameError `BAD_TABLE`; `UNSUPPORTED` for a type that is not known
 */
export function fieldsOf(
  place: string,
  metaData: Pick<MetaData, "schemaString"> | undefined,
  mapping: ColumnMapping,
): readonly Field[] {
  return jsonFieldsOf(place, metaData).map((field) =>
    fieldOf({ place, mapping, column: field.name }, field),
  );
}

/** The columns as the `schemaString` has them. @throws FrameError `BAD_TABLE` */
export function jsonFieldsOf(
  place: string,
  metaData: Pick<MetaData, "schemaString"> | undefined,
): readonly JsonField[] {
  const bad = (cause?: unknown) =>
    new FrameError("BAD_TABLE", `the log of the Delta table ${place} does not tell its columns`, {
      hint: "The metaData action is missing, or its schema is not JSON.",
      cause,
    });
  if (!metaData) throw bad();
  let schema: { fields?: readonly JsonField[] } | null;
  try {
    schema = JSON.parse(metaData.schemaString);
  } catch (cause) {
    throw bad(cause);
  }
  const fields = schema?.fields;
  if (!Array.isArray(fields)) throw bad();
  return fields as readonly JsonField[];
}

interface Context {
  readonly place: string;
  readonly mapping: ColumnMapping;
  readonly column: string;
}

function fieldOf(context: Context, { name, type, metadata = {} }: JsonField): Field {
  const physicalName = metadata["delta.columnMapping.physicalName"];
  const id = metadata["delta.columnMapping.id"];
  refuseNarrowing(context, metadata["delta.typeChanges"]);
  return {
    name,
    physicalName: context.mapping === "none" ? name : String(physicalName ?? name),
    id: context.mapping === "id" ? Number(id) : undefined,
    type: typeOf(context, type),
  };
}

function typeOf(context: Context, type: JsonType): FieldType {
  if (typeof type === "string") {
    const sql = /^decimal\(\d+, *\d+\)$/.test(type) ? type.toUpperCase() : TYPES[type];
    if (sql !== undefined) return { kind: "leaf", sql };
  } else if (type.type === "struct") {
    return { kind: "struct", fields: type.fields.map((field) => fieldOf(context, field)) };
  } else if (type.type === "array") {
    return { kind: "list", element: typeOf(context, type.elementType) };
  } else if (type.type === "map") {
    const key = typeOf(context, type.keyType);
    return { kind: "map", key, value: typeOf(context, type.valueType) };
  }
  const name = typeof type === "string" ? type : String((type as { type?: unknown }).type);
  throw unsupported(context, `is of type ${name}`);
}

/** The protocol wants readers to refuse unknown changes of type. */
function refuseNarrowing(context: Context, changes: unknown): void {
  for (const { fromType, toType } of Array.isArray(changes) ? changes : []) {
    if (isWidening(String(fromType), String(toType))) continue;
    throw unsupported(context, `was changed from ${fromType} to ${toType}`);
  }
}

function unsupported({ place, column }: Context, what: string): FrameError {
  return new FrameError("UNSUPPORTED", `column ${column} of the Delta table ${place} ${what}`, {
    hint: "That is not read here. Write a copy of the table with the column as text or without it.",
  });
}

/** The type in the engine's SQL, with the names of the table. */
export function sqlOf(type: FieldType): string {
  switch (type.kind) {
    case "leaf":
      return type.sql;
    case "list":
      return `${sqlOf(type.element)}[]`;
    case "map":
      return `MAP(${sqlOf(type.key)}, ${sqlOf(type.value)})`;
    case "struct": {
      const parts = type.fields.map((field) => `${identifier(field.name)} ${sqlOf(field.type)}`);
      return `STRUCT(${parts.join(", ")})`;
    }
  }
}

const WHOLE = ["byte", "short", "integer", "long"];

/** Whether a change of type is one of the protocol's "Type Widening", which loses no value. */
export function isWidening(from: string, to: string): boolean {
  const [before, after] = [WHOLE.indexOf(from), WHOLE.indexOf(to)];
  if (before >= 0 && after >= 0) return before < after;
  if (to === "double") return from === "float" || (before >= 0 && from !== "long");
  if (to === "timestamp_ntz") return from === "date";
  const wider = decimal(to);
  const narrow = before >= 0 ? { digits: from === "long" ? 20 : 10, scale: 0 } : decimal(from);
  if (!wider || !narrow) return false;
  const moreScale = wider.scale - narrow.scale;
  return moreScale >= 0 && wider.digits - narrow.digits >= moreScale;
}

function decimal(type: string): { digits: number; scale: number } | undefined {
  const [, digits, scale] = /^decimal\((\d+), *(\d+)\)$/.exec(type) ?? [];
  return digits === undefined ? undefined : { digits: Number(digits), scale: Number(scale) };
}
