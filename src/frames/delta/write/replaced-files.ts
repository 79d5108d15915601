import { FrameError } from "../../../core/errors.ts";
import { type Engine, identifier } from "../../sql/engine.ts";
import { parseSelect, tablesOf } from "../../sql/parse-tree.ts";
import type { AddedFile } from "../delta-actions.ts";
import { type Field, sqlOf } from "../delta-schema.ts";
import { partitionLiteral } from "../scan-table.ts";

type Partitioned = Pick<AddedFile, "partitionValues">;

/**
 * The condition that is true for the partitions of some files.
 *
 * @param fields the columns that the table is partitioned by
 */
export function samePartitions(fields: readonly Field[], files: readonly Partitioned[]): string {
  const tuples = files.map((file) => {
    const same = fields.map(
      (field) => `${identifier(field.name)} is not distinct from ${partitionLiteral(field, file)}`,
    );
    return `(${same.join(" and ")})`;
  });
  return tuples.length > 0 ? [...new Set(tuples)].join(" or ") : "false";
}

/** Those of some files whose partition values meet a condition. @throws FrameError `BAD_SQL` */
export async function filesWhere<T extends Partitioned>(
  engine: Engine,
  fields: readonly Field[],
  files: readonly T[],
  condition: string,
): Promise<readonly T[]> {
  const rows = files.map((file, index) => [
    String(index),
    ...fields.map((field) => partitionLiteral(field, file)),
  ]);
  const none = ["null", ...fields.map(({ type }) => `null::${sqlOf(type)}`)];
  const names = ["notelake_file", ...fields.map(({ name }) => name)].map(identifier).join(", ");
  const values = [none, ...rows].map((cells) => `(${cells.join(", ")})`).join(", ");
  const result = await engine
    .runAndReadAll(
      `select notelake_file::int from (values ${values}) as files(${names})
       where notelake_file is not null and (${condition}\n)`,
    )
    .catch((cause: Error) => {
      throw new FrameError("BAD_SQL", `{ replaceWhere } cannot be used: ${firstLine(cause)}`, {
        hint: `It speaks of the columns that the table is partitioned by: ${fields.map(({ name }) => name).join(", ") || "there are none"}.`,
        cause,
      });
    });
  const remaining = new Set(result.getRowsJson().map(([index]) => Number(index)));
  return files.filter((_, index) => remaining.has(index));
}

/** Refuses a condition that reads anything but the files' partitions. @throws FrameError `BAD_SQL` */
export async function checkCondition(engine: Engine, condition: string): Promise<void> {
  const tree = await parseSelect(engine, `select 1 from "files" where ${condition}\n`);
  const other = tablesOf(tree).find(({ name }) => name !== "files");
  if (!other) return;
  throw new FrameError("BAD_SQL", `{ replaceWhere } reads another table: ${other.name}`, {
    hint: 'It speaks of the columns that the table is partitioned by, as in "year = 2026".',
  });
}

function firstLine({ message }: Error): string {
  return message.split("\n")[0] ?? "";
}
