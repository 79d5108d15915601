import { SparkError } from "../../core/errors.ts";

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
