import { type FieldType, sqlOf } from "../delta-schema.ts";

/**
 * SQL for the text of a partition value in the log.
 *
 * @param ifEmpty what to fail with where it is an empty text, which the log cannot tell from null
 * @see https://github.com/delta-io/delta/blob/master/PROTOCOL.md#partition-value-serialization
 */
export function partitionText(value: string, type: FieldType, ifEmpty: string): string {
  switch (sqlOf(type)) {
    case "VARCHAR":
      return `case when ${value} = '' then error(${ifEmpty}) else ${value} end`;
    case "FLOAT":
    case "DOUBLE":
      return `case when isnan(${value}) then 'NaN' when isinf(${value})
        then case when ${value} > 0 then 'Infinity' else '-Infinity' end else ${value}::varchar end`;
    case "TIMESTAMP":
      return `strftime(${value}, '%Y-%m-%d %H:%M:%S.%f')`;
    case "TIMESTAMP WITH TIME ZONE":
      return `strftime(${value}::timestamp, '%Y-%m-%dT%H:%M:%S.%fZ')`;
    default:
      return `${value}::varchar`;
  }
}

/** As Hive names the folder of a null. */
const NULL = "__HIVE_DEFAULT_PARTITION__";

/** What Hive escapes in the names of folders: `ExternalCatalogUtils` of Spark has the same list. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const ESCAPED = /[\u0001-\u001f"#%'*/:=?\\\u007f{[\]^]/g;

/** The folder of a partition, such as `year=2026/shop=a%2Fb`; empty for a table without any. */
export function partitionFolder(values: Readonly<Record<string, string | null>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${escaped(name)}=${value === null ? NULL : escaped(value)}`)
    .join("/");
}

function escaped(text: string): string {
  return text.replace(
    ESCAPED,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}
