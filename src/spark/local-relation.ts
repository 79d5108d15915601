import type { MessageInitShape } from "@bufbuild/protobuf";
import * as arrow from "apache-arrow";
import { SparkError } from "../core/errors.ts";
import { bytesText } from "../core/quantity-text.ts";
import type { FrameData } from "../frames/sql/frame-as-table.ts";
import { type ColumnType, columnTypeOf, refuseAlike } from "../frames/sql/frame-types.ts";
import type { RelationSchema } from "./protocol/spark-connect_pb.ts";

type Relation = MessageInitShape<typeof RelationSchema>;

/** Servers accept 128 MB in one request; larger data belongs in the lake. */
const MAX_BYTES = 64_000_000;

/**
 * Dataframes as local relations that are sent with a statement, by name.
 *
 * @throws SparkError `TOO_LARGE`; FrameError `MIXED_COLUMN`, `BAD_COLUMN`
 */
export function localRelations(frames: Readonly<Record<string, FrameData>>): Relation[] {
  let bytes = 0;
  return Object.entries(frames).map(([name, frame], index) => {
    const data = arrow.tableToIPC(tableOf(frame), "stream");
    bytes += data.length;
    if (bytes > MAX_BYTES) throw tooLarge(name, bytes);
    // The client numbers the plans to identify them.
    const id = (number: number) => ({ planId: BigInt(2 * index + number) });
    const input: Relation = {
      common: id(0),
      relType: { case: "localRelation", value: { data } },
    };
    return { common: id(1), relType: { case: "subqueryAlias", value: { input, alias: name } } };
  });
}

function tableOf(frame: FrameData): arrow.Table {
  refuseAlike(frame.columns);
  const columns = frame.columns.map((name) => {
    const values = frame.column(name).values as readonly unknown[];
    return [name, vectorOf(values, columnTypeOf(values, name))] as const;
  });
  return new arrow.Table(Object.fromEntries(columns));
}

function vectorOf(values: readonly unknown[], type: ColumnType): arrow.Vector {
  const { arrowType, convert } = TYPES[type];
  const converted = values.map((value) =>
    value === null || value === undefined ? null : convert(value),
  );
  return arrow.vectorFromArray(converted, arrowType());
}

interface ArrowColumn {
  readonly arrowType: () => arrow.DataType;
  readonly convert: (value: unknown) => unknown;
}

const asItIs = (value: unknown) => value;

const TYPES: Readonly<Record<ColumnType, ArrowColumn>> = {
  text: { arrowType: () => new arrow.Utf8(), convert: asItIs },
  boolean: { arrowType: () => new arrow.Bool(), convert: asItIs },
  int: { arrowType: () => new arrow.Int32(), convert: asItIs },
  bigint: {
    arrowType: () => new arrow.Int64(),
    convert: (value) => BigInt(value as number | bigint),
  },
  double: { arrowType: () => new arrow.Float64(), convert: asItIs },
  date: { arrowType: () => new arrow.DateDay(), convert: asItIs },
  timestamp: {
    // An instant; Spark's type has microseconds.
    arrowType: () => new arrow.Timestamp(arrow.TimeUnit.MICROSECOND, "UTC"),
    convert: (value) => (value as Date).getTime(),
  },
};

function tooLarge(name: string, bytes: number): SparkError {
  return new SparkError(
    "TOO_LARGE",
    `dataframe ${name} would make the statement ${bytesText(bytes)}, the limit is ${bytesText(MAX_BYTES)}`,
    {
      hint: "Write it to the lake with writeFrame, and let the cluster read it there.",
    },
  );
}
