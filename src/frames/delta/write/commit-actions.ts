import { readPackage } from "../../../core/package.ts";
import type { Action, AddedFile, TableState } from "../delta-actions.ts";
import type { DataFile } from "./data-files.ts";
import type { TableSchema } from "./table-schema.ts";

/** What a commit says: who wrote what and how, the files that are gone and those that are new. */
export function commitActions(
  state: TableState | undefined,
  { protocol, metaData, partitionColumns }: TableSchema,
  files: readonly DataFile[],
  replaced: readonly AddedFile[],
  { mode, replaceWhere }: { mode: keyof typeof MODES; replaceWhere: string | undefined },
): Action[] {
  const now = Date.now();
  const sum = (numbers: readonly number[]) => String(numbers.reduce((a, b) => a + b, 0));
  const commitInfo = {
    timestamp: now,
    operation: "WRITE",
    operationParameters: {
      mode: MODES[mode],
      partitionBy: JSON.stringify(partitionColumns),
      ...(replaceWhere !== undefined && { predicate: replaceWhere }),
    },
    isBlindAppend: mode !== "overwrite" && state !== undefined,
    operationMetrics: {
      numFiles: String(files.length),
      numRemovedFiles: String(replaced.length),
      numOutputRows: sum(files.map(({ rows }) => rows)),
      numOutputBytes: sum(files.map(({ add }) => add.size ?? 0)),
    },
    engineInfo: `notelake/${readPackage().version}`,
    txnId: crypto.randomUUID(),
  };
  return [
    { commitInfo },
    ...(protocol ? [{ protocol }] : []),
    ...(metaData ? [{ metaData }] : []),
    ...replaced.map(({ path, partitionValues, size, deletionVector }) => ({
      remove: {
        path,
        deletionTimestamp: now,
        dataChange: true,
        extendedFileMetadata: true,
        partitionValues,
        ...(typeof size === "number" && { size }),
        ...(deletionVector && { deletionVector }),
      },
    })),
    ...files.map(({ add }) => ({ add })),
  ];
}

/** As Spark has them. */
const MODES = { error: "ErrorIfExists", append: "Append", overwrite: "Overwrite" } as const;
