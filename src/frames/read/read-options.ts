import type { FileFormat } from "./file-format.ts";

/** How to read files; what is absent is inferred from them. */
export interface ReadOptions {
  /** Default: from the file's name. */
  format?: FileFormat;
  /** CSV: what stands between two fields. Default: found in the first line. */
  delimiter?: string;
  /** CSV: quote around a field with a delimiter. Default `"`; empty for none. */
  quote?: string;
  /** Excel: name of the sheet, or its index from 0. Default: the first. */
  sheet?: string | number;
  /** CSV and Excel: whether the first line names the columns. Default true. */
  header?: boolean;
  /** CSV and Excel: lines to skip before the header. Default 0. */
  skip?: number;
  /** CSV: fields that mean null, besides an empty one that is not quoted. */
  nulls?: readonly string[];
  /** CSV: the decimal sign. Default `.`. */
  decimal?: "." | ",";
  /**
   * CSV: `utf-8` (default), `utf-16`, `latin-1`, `windows-1252`, `shift_jis` and so on; the error
   * for an unknown name lists all.
   */
  encoding?: string;
  /** CSV: how dates are written, such as `%d/%m/%Y`. Default: ISO 8601 only, others stay text. */
  dateFormat?: string;
  /** CSV: how timestamps are written, as for `dateFormat`. */
  timestampFormat?: string;
  /** CSV: SQL types of some columns, such as `{ zip: "VARCHAR" }`. Default: from all values. */
  types?: Readonly<Record<string, string>>;
  /**
   * When files differ in their columns: `refuse` (default), or `union` for all columns, null where
   * a file lacks one.
   */
  schemas?: "refuse" | "union";
  /**
   * A column with the path of the file of each row: `true` to name it `filename`, or another name.
   * Default: none.
   */
  filename?: boolean | string;
  /**
   * Refuse a compressed file or a workbook of more bytes than this, unpacked. Default: 8 GiB, of
   * Arrow 2 GiB, of Excel 512 MiB.
   */
  maxUnpackedBytes?: number;
  /** Excel: refuse a sheet of more cells than this, empty ones included. Default 50,000,000. */
  maxCells?: number;
  /** Refuse a file of more columns than this, or of more keys in its JSON objects. Default 10,000. */
  maxColumns?: number;
  /**
   * Refuse a line of CSV, line breaks in quotes included, or an object of JSON of more bytes than
   * this. Default: 2,000,000, of JSON 256 MiB.
   */
  maxLineBytes?: number;
  /** Delta tables: the version to read. Default: the latest. */
  version?: number;
  /** Delta tables: read the version of this time, a Date or ISO 8601. */
  at?: Date | string;
}

/** A column as the engine sees it. */
export interface SourceColumn {
  readonly name: string;
  /** SQL type. */
  readonly type: string;
}

/** SQL for `from`. */
export interface Source {
  readonly sql: string;
  /** Names of all columns, where `sql` has only some. */
  readonly columns?: readonly string[];
  /** Whether it has a column `filename` that `*` does not include; see `hideFileColumn`. */
  readonly hasVirtualColumn?: boolean;
}

export interface OpenOptions {
  readonly signal?: AbortSignal | undefined;
  /** Whether the source is to have the column `FILE_COLUMN`. */
  readonly hasFiles?: boolean | undefined;
}
