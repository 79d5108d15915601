import type { DataType } from "./protocol/spark-connect_pb.ts";

/** Name of a Spark type in SQL, such as `array<struct<day: date, fare: decimal(10,2)>>`. */
export function typeText({ kind }: DataType): string {
  switch (kind.case) {
    case "byte":
      return "tinyint";
    case "short":
      return "smallint";
    case "integer":
      return "int";
    case "long":
      return "bigint";
    case "null":
      return "void";
    case "decimal":
      return `decimal(${kind.value.precision ?? 10},${kind.value.scale ?? 0})`;
    case "char":
      return `char(${kind.value.length})`;
    case "varChar":
      return `varchar(${kind.value.length})`;
    case "timestampNtz":
      return "timestamp_ntz";
    case "calendarInterval":
    case "yearMonthInterval":
    case "dayTimeInterval":
      return "interval";
    case "array":
      return `array<${textOf(kind.value.elementType)}>`;
    case "map":
      return `map<${textOf(kind.value.keyType)}, ${textOf(kind.value.valueType)}>`;
    case "struct": {
      const fields = kind.value.fields.map(({ name, dataType }) => `${name}: ${textOf(dataType)}`);
      return `struct<${fields.join(", ")}>`;
    }
    default:
      return kind.case ?? "unknown";
  }
}

function textOf(type: DataType | undefined): string {
  return type ? typeText(type) : "unknown";
}
