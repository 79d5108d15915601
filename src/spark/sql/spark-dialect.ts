import { SparkError } from "../../core/errors.ts";

/** `name` as a quoted identifier of Spark's SQL. */
export function identifier(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}

/** `text` as a string literal of Spark's SQL, in which a backslash escapes. */
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
 * What a statement for DuckDB has and Spark has not, said before anything is sent.
 *
 * @param what its name, as the statement has it
 * @param instead what a reader can write that both take
 */
export function notInSpark(what: string, instead: string): SparkError {
  return new SparkError("NOT_IN_SPARK", `a cluster does not take ${what} in this form`, {
    hint: `${instead}\nquery(lake, sql) takes the statement as it is, on this machine.`,
  });
}
