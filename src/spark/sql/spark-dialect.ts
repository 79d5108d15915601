import { SparkError } from "../../core/errors.ts";

/** `name` as a quoted identifier of Spark SQL. */
export function identifier(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}

/** `text` as a string literal of Spark SQL, with backslash escapes. */
export function literal(text: string): string {
  const escaped = text
    .replaceAll("\\", "\\\\")
    .replaceAll("'", "\\'")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")
    .replaceAll("\t", "\\t");
  return `'${escaped}'`;
}

/**
 * The error for a feature of DuckDB that Spark lacks, thrown before anything is sent.
 *
 * @param what its name in the statement
 * @param instead an alternative that both accept
 */
export function notInSpark(what: string, instead: string): SparkError {
  return new SparkError("NOT_IN_SPARK", `a cluster does not take ${what} in this form`, {
    hint: `${instead}\nquery(lake, sql) takes the statement as it is, on this machine.`,
  });
}
