import type { DanfoModule } from "../danfo-module.ts";

/** Modules of danfojs-node 1.2.0 whose exports its other modules look up at every call. */
export interface DanfoInternals {
  readonly arithmetic: { _genericMathOp(call: MathCall): unknown[] };
  readonly merging: { default: Merge };
  readonly concatenating: { default: Concat };
  /** What others see of them. */
  readonly exported: { merge: Merge; concat: Concat };
  readonly csv: { $toCSV(data: NDframe, options?: CsvOptions): string | undefined };
  readonly excel: { $toExcel(data: NDframe, options?: ExcelOptions): void };
  readonly json: { $toJSON(data: NDframe, options?: JsonOptions): unknown };
}

export interface MathCall {
  readonly ndFrame: NDframe;
  readonly other: unknown;
  readonly operation: string;
}

export interface MergeOptions {
  readonly left: NDframe;
  readonly right: NDframe;
  readonly on: readonly string[];
  readonly how: "left" | "right" | "inner" | "outer";
}

export interface ConcatOptions {
  readonly dfList: readonly NDframe[];
  /** 0 for below each other, 1 for beside. */
  readonly axis: 0 | 1;
}

export interface CsvOptions {
  readonly sep?: string;
  readonly header?: boolean;
  readonly filePath?: string;
}

export interface ExcelOptions {
  readonly filePath?: string;
  readonly sheetName?: string;
  readonly writingOptions?: object;
}

export interface JsonOptions {
  readonly filePath?: string;
  readonly format?: "column" | "row";
}

type Merge = (options: MergeOptions) => unknown;
type Concat = (options: ConcatOptions) => unknown;

/** What is used of a frame or a series; a series has one column. */
export interface NDframe {
  readonly values: unknown;
  /** The values column by column. */
  readonly getColumnData?: unknown;
  readonly columns: string[];
  readonly dtypes: string[];
  readonly index: (string | number)[];
  readonly shape: readonly number[];
  readonly config: object;
  readonly $isSeries: boolean;
  $dtypes: string[];
  $setValues(values: unknown, checkLength?: boolean): void;
  $setIndex(index: (string | number)[]): void;
}

/** A class of Danfo's, as its prototype is patched. */
export type Methods = Record<string, (this: never, ...options: never[]) => unknown>;

/** What a patch may change: each replaces methods or functions, or wraps those that it finds. */
export interface PatchTarget {
  readonly danfo: DanfoModule;
  readonly internals: DanfoInternals;
  /** The prototypes that hold the methods of frames, and those of series. */
  readonly frames: Methods;
  readonly series: Methods;
}

export function valuesOf(series: NDframe): unknown[] {
  return series.values as unknown[];
}

/** The place of a column of a frame. @throws Error that names those that there are */
export function placeOf(frame: NDframe, column: string): number {
  const place = frame.columns.indexOf(column);
  if (place >= 0) return place;
  throw new Error(`no column ${column}; there are ${frame.columns.join(", ")}`);
}

/** The rows at some places, in that order: as a new frame or series, or in place of what there is. */
export function takeRows(
  danfo: DanfoModule,
  data: NDframe,
  places: readonly number[],
  inplace = false,
): unknown {
  const values = places.map((place) => valuesOf(data)[place]);
  const index = places.map((place) => data.index[place] ?? place);
  if (!inplace) return withValues(danfo, data, values, { dtypes: data.dtypes, index });
  data.$setValues(values, false);
  data.$setIndex(index);
  return undefined;
}

/** A frame or series like another one, of other values. */
export function withValues(
  danfo: DanfoModule,
  { columns, index, config, $isSeries }: NDframe,
  values: readonly unknown[],
  more: object = {},
): unknown {
  const Kind = $isSeries ? danfo.Series : danfo.DataFrame;
  return new Kind(values as never[], { columns, index, config, ...more });
}

/**
 * Points to what does the same in the engine.
 *
 * @param instead what does the same without that, as code
 */
export function notDefinedFor(operation: string, what: string, instead = ""): Error {
  return new Error(
    `Danfo's ${operation} is not defined for ${what}. ${instead}The engine knows more: await query(lake, "select … from df", { frames: { df } })`,
  );
}
