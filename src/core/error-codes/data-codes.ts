/** Codes of files, tables, SQL and charts. */
export interface DataErrorCodes {
  /**
   * The Delta table is only appended to.
   *
   * What to do: write with `{ mode: "append" }`.
   */
  APPEND_ONLY: "FrameError";
  /**
   * A column cannot be written as it is: its name, or a value in it.
   *
   * What to do: the hint says what to change.
   */
  BAD_COLUMN: "FrameError";
  /**
   * A text file is not of the encoding that it is read by.
   *
   * What to do: say `{ encoding: "utf-16" }` or another.
   */
  BAD_ENCODING: "FrameError";
  /**
   * A file is cut off or damaged.
   *
   * What to do: restore it.
   */
  BAD_FILE: "FrameError";
  /**
   * An option of writing does not go with the others, or with the format.
   *
   * What to do: the hint says which goes.
   */
  BAD_OPTION: "FrameError";
  /**
   * Options contradict each other, lack something, or hold what is not known.
   *
   * What to do: the hint says what there is.
   */
  BAD_OPTIONS: "FrameError" | "SignInError" | "SparkError";
  /**
   * A row has too many or too few values, or one that its column cannot hold.
   *
   * What to do: the message has the line; fix the file, or read the column as text.
   */
  BAD_ROW: "FrameError";
  /**
   * The statement is not one SELECT, or its engine does not take it.
   *
   * What to do: the message has the place.
   */
  BAD_SQL: "FrameError" | "SparkError";
  /**
   * The log of a Delta table is damaged, or names files that are not there.
   *
   * What to do: ask for another version, or restore the table.
   */
  BAD_TABLE: "FrameError";
  /**
   * A file was replaced or removed while it was loaded.
   *
   * What to do: load again, to have all files as they are together.
   */
  CHANGED: "FrameError";
  /**
   * The folder is a Delta table, and was meant as a folder of files, or is one of a list.
   *
   * What to do: read it on its own; write with `{ format: "delta" }`.
   */
  DELTA_TABLE: "FrameError";
  /**
   * A file has no rows, nor a header.
   *
   * What to do: leave it out.
   */
  EMPTY_FILE: "FrameError";
  /**
   * A column holds values of several types.
   *
   * What to do: make them one, for a start with `String`.
   */
  MIXED_COLUMN: "FrameError";
  /**
   * The pattern finds files of several formats.
   *
   * What to do: narrow it down, as to `*.parquet`.
   */
  MIXED_FORMATS: "FrameError";
  /**
   * Copies of files cannot be kept in the folder that `NOTELAKE_CACHE` names.
   *
   * What to do: name one that you may write to.
   */
  NO_CACHE: "FrameError";
  /**
   * There is no column of that name.
   *
   * What to do: the hint has those that there are.
   */
  NO_COLUMN: "FrameError";
  /**
   * No file matches.
   *
   * What to do: look with `lake.list`; `**` crosses folders, `*` does not.
   */
  NO_FILES: "FrameError";
  /**
   * The first line does not name the columns.
   *
   * What to do: say `{ header: true }` or `{ header: false }`.
   */
  NO_HEADER: "FrameError";
  /**
   * The first argument is no lake.
   *
   * What to do: give what `openLake` or `openFolder` returns.
   */
  NO_LAKE: "FrameError";
  /**
   * The workbook has no such sheet.
   *
   * What to do: the hint has their names.
   */
  NO_SHEET: "FrameError";
  /**
   * The name is neither a dataframe nor a path, or the folder is no Delta table.
   *
   * What to do: name dataframes in `{ frames: { name: df } }`, and put paths in quotes.
   */
  NO_TABLE: "FrameError";
  /**
   * The Delta table has no such version, or none as old.
   *
   * What to do: the hint has the range.
   */
  NO_VERSION: "FrameError";
  /**
   * Means and the like cannot be stacked.
   *
   * What to do: say `layout: "grouped"`, or `reduce: "sum"`.
   */
  NOT_ADDITIVE: "FrameError";
  /**
   * There is no row with a value to draw.
   *
   * What to do: check the filter or path that led to the frame.
   */
  NOTHING_TO_PLOT: "FrameError";
  /**
   * A column that is to be drawn by size holds no numbers.
   *
   * What to do: name another, or turn it into numbers.
   */
  NOT_NUMERIC: "FrameError";
  /**
   * A write that replaces a folder did not end; what the folder held is whole beside it.
   *
   * What to do: write again, or move it back as the hint says.
   */
  REPLACING: "FrameError" | "LakeError";
  /**
   * Columns or values do not fit the table, or files differ from each other.
   *
   * What to do: say `{ mergeSchema: true }` in writing, `{ schemas: "union" }` in reading.
   */
  SCHEMA_MISMATCH: "FrameError";
  /**
   * Several rows are to be drawn in one place.
   *
   * What to do: say how to make them one: `reduce: "sum"`.
   */
  SEVERAL_ROWS: "FrameError";
  /**
   * It would take more memory than is allowed.
   *
   * What to do: ask for fewer columns or rows; the hint names the option that raises the limit.
   */
  TOO_LARGE: "FrameError" | "SparkError";
  /**
   * The frame has no column of the name that is to be drawn.
   *
   * What to do: the hint has the nearest.
   */
  UNKNOWN_COLUMN: "FrameError";
  /**
   * The name of the file does not tell its format.
   *
   * What to do: say it: `{ format: "csv" }`.
   */
  UNKNOWN_FORMAT: "FrameError";
  /**
   * A column is of a type that cannot be kept exactly.
   *
   * What to do: leave it out of `columns`, or write the file with another type.
   */
  UNKNOWN_TYPE: "FrameError";
  /**
   * Others could change what is loaded from the cache.
   *
   * What to do: run the command of the hint, or name a folder of your own in `NOTELAKE_CACHE`.
   */
  UNSAFE_CACHE: "FrameError";
  /**
   * The Delta table has a feature or type that is not read or written here.
   *
   * What to do: use an engine that knows it, such as Spark.
   */
  UNSUPPORTED: "FrameError";
}
