import { FrameError } from "../../core/errors.ts";
import type { StagedFile } from "../cache/stage.ts";
import { AS_UTF8 } from "./csv/encoding.ts";
import { isJsonLines } from "./file-format.ts";
import { AS_TEXT } from "./json/json-exact.ts";

/** Message of the error for a value that is not exact in the inferred type. */
export const INEXACT = "notelake: not exact in the guessed type";

/** Prefix of the name of a Parquet column whose decimals the engine would misread. */
export const TOO_WIDE = "notelake: a decimal of more than 38 digits in ";

/** Part of the name of a copy with timestamps in nanoseconds. */
export const IN_NANOSECONDS = ".in-nanoseconds.parquet";

/** Whether strict inference may succeed. */
export function needsStrictInference(error: unknown): boolean {
  const message = textOf(error);
  return message.includes(INEXACT) || message.startsWith("Conversion Error");
}

/** The FrameError of an engine's error about files. */
export function unreadable(error: unknown, files: readonly StagedFile[]): unknown {
  // The engine throws plain Errors only.
  if (!(error instanceof Error) || error.constructor !== Error) return error;
  const message = inLakeTerms(error.message, files);
  const file = fileOf(error.message, files);
  return (
    badText(message, file, error) ??
    badRow(message, file, error) ??
    other(message, file, files, error)
  );
}

function badRow(message: string, file: string, cause: Error): FrameError | undefined {
  const line = /CSV Error on Line: (\d+)/.exec(message)?.[1];
  const [, expected, actual] = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(message) ?? [];
  const row = /Original Line: ?(.*)/.exec(message)?.[1]?.slice(0, 200);
  if (line && expected && actual) {
    return new FrameError(
      "BAD_ROW",
      `${file}, line ${line}: expected ${expected} columns, found ${actual}`,
      {
        hint: `The line reads: ${row}\nFix the line, or enclose the field that holds the delimiter in quotes.`,
        cause,
      },
    );
  }
  const [, column, value, type] = NO_VALUE.exec(message) ?? [];
  if (line && column && value !== undefined && type) {
    const place = { line: Number(line), ...(row && { text: row }) };
    return badValue(file, { ...place, column, value, type }, cause);
  }
  if (line && /unterminated quote/i.test(message)) {
    return new FrameError("BAD_ROW", `${file}, line ${line}: a quote is opened and never closed`, {
      hint: `The line reads: ${row}\nFix the line, or say { quote: "" } if quotes mean nothing here.`,
      cause,
    });
  }
  const [, bytes] = /Maximum line size of (\d+) bytes exceeded/.exec(message) ?? [];
  if (line && bytes) return tooLongLine(file, Number(line), Number(bytes), cause);
  if (/Parallel CSV Reader currently does not support/.test(message)) {
    return tooLongLine(file, undefined, undefined, cause);
  }
  const [, objectBytes] = /"maximum_object_size" of (\d+) bytes exceeded/.exec(message) ?? [];
  if (objectBytes) {
    const limit = Number(objectBytes).toLocaleString("en");
    return new FrameError("TOO_LARGE", `${file} has an object of more than ${limit} bytes`, {
      hint: "{ maxLineBytes } raises the limit.",
      cause,
    });
  }
  const json = /Malformed JSON.* in (line|record\/value) (\d+)[.:]? ?(.*)/s.exec(message);
  if (json) {
    // The engine's line is one too many; in an array it is no line.
    const place = isJsonLines(file) ? `, line ${Number(json[2]) - 1}` : "";
    return new FrameError("BAD_ROW", `${file}${place}: not valid JSON`, {
      hint: `The parser says: ${json[3]?.split("\n")[0]}`,
      cause,
    });
  }
  return undefined;
}

const NO_VALUE =
  /Error when converting column "(.*)"\. Could not convert string "(.*)" to '(.*)'\n/s;

/** A text that cannot be read in the type of its column. */
interface BadValue {
  readonly line: number;
  readonly text?: string;
  readonly column: string;
  readonly value: string;
  /** SQL type. */
  readonly type: string;
}

/** The error for a CSV text that cannot be read in the requested type. */
export function badValue(
  file: string,
  { line, text, column, value, type }: BadValue,
  cause?: Error,
): FrameError {
  const short = value.length > 100 ? `${value.slice(0, 100)}…` : value;
  const read = text ? `The line reads: ${text.slice(0, 200)}\n` : "";
  return new FrameError(
    "BAD_ROW",
    `${file}, line ${line}: ${JSON.stringify(short)} in column ${column} cannot be read as ${type}`,
    {
      hint: `${read}Fix the line, say { nulls: [${JSON.stringify(value)}] } if it stands for null, or ask for another type.`,
      cause,
    },
  );
}

export function tooLongLine(
  file: string,
  line: number | undefined,
  limit: number | undefined,
  cause?: Error,
): FrameError {
  const bytes = limit === undefined ? "can be read at once" : `${limit.toLocaleString("en")} bytes`;
  const place = line === undefined ? " has a line of" : `, line ${line} has`;
  return new FrameError("TOO_LARGE", `${file}${place} more than ${bytes}`, {
    hint: "A quote that is not closed may have swallowed what follows. { maxLineBytes } raises the limit.",
    cause,
  });
}

function badText(message: string, file: string, cause: Error): FrameError | undefined {
  if (!/not (valid )?utf-?8|Invalid unicode|invalid UTF-?8/i.test(message)) return undefined;
  if (!/CSV/.test(message)) {
    return new FrameError("BAD_FILE", `${file} holds text that is not UTF-8`, {
      hint: "It was damaged, or written by a program that does not keep to the format.",
      cause,
    });
  }
  const line = /CSV Error on Line: (\d+)/.exec(message)?.[1];
  const place = line ? `, line ${line}: the bytes are` : " is";
  return new FrameError("BAD_ENCODING", `${file}${place} not UTF-8 text`, {
    hint: 'Say how it is encoded: { encoding: "windows-1252" }, "latin-1", "utf-16" and so on.',
    cause,
  });
}

function other(
  message: string,
  file: string,
  files: readonly StagedFile[],
  cause: Error,
): FrameError {
  const [, wide] = message.split(TOO_WIDE);
  if (wide !== undefined) {
    const column = wide.split("\n")[0];
    return new FrameError(
      "UNKNOWN_TYPE",
      `${file}: column ${column} has decimals of more than 38 digits`,
      {
        hint: "Name the other columns in { columns }, or write the file with fewer digits, or with text.",
        cause,
      },
    );
  }
  const died = /^(?:INTERNAL|FATAL) Error: (.*)/.exec(message)?.[1];
  if (died !== undefined) {
    const names = files.map(({ entry }) => entry.path);
    const what = names.length > 0 ? `${file} cannot be read` : "the statement cannot be run";
    const others = names.length > 1 ? `, or another of the ${names.length} files,` : "";
    return new FrameError("BAD_FILE", `${what}: the engine broke down over it${others}`, {
      // The engine's stack follows.
      hint: `It said: ${died.slice(0, 300)}\nLater calls are not affected.`,
      cause,
    });
  }
  // Without the engine's own statement, which is not the user's.
  const [first = "", ...rest] = message.replace(/\n*LINE \d+: .*\n *\^/g, "").split("\n");
  const hint = rest.join("\n").trim().slice(0, 1000);
  if (/^Permission Error/.test(first)) {
    return new FrameError("BAD_SQL", "the statement reaches for something of this machine", {
      hint: "It may read files of the lake and the given dataframes, and nothing else.",
      cause,
    });
  }
  if (isTooDeep(first)) return nestedTooDeeply(cause);
  if (/^(Parser|Binder|Catalog) Error/.test(first)) {
    return new FrameError("BAD_SQL", first, { ...(hint && { hint }), cause });
  }
  if (NOT_SERVED.test(first)) {
    return new FrameError(
      "UNKNOWN_TYPE",
      `${file} is whole, but written in a way that is not read here`,
      {
        hint: `${first.replace(/^[\w ]+ Error: /, "")}\nWrite it with other options, or the column in another type.`,
        cause,
      },
    );
  }
  if (!NOT_OF_FILES.test(first) && files.length > 0 && !isNamed(message, files)) {
    const [one] = files;
    const names =
      files.length === 1
        ? one?.entry.path
        : `one of ${files.length} files, the first of which is ${one?.entry.path},`;
    return new FrameError("BAD_FILE", `${names} cannot be read: it was cut off or damaged`, {
      hint: [first, hint].filter(Boolean).join("\n"),
      cause,
    });
  }
  return new FrameError("BAD_FILE", first, { ...(hint && { hint }), cause });
}

/** Whether the engine says that a statement is nested deeper than it reads. */
export function isTooDeep(message: string): boolean {
  return /Max expression depth|^(Parser Error: )?memory exhausted/.test(message);
}

export function nestedTooDeeply(cause?: Error): FrameError {
  return new FrameError("BAD_SQL", "the statement is nested too deeply", {
    hint: "Some 250 expressions within one another are the limit, each + or || of a long chain among them. Many values fit in a dataframe: { frames: { ids } } and where id in (from ids).",
    cause,
  });
}

/** Messages about valid files. */
const NOT_SERVED =
  /is only supported for|encoding is not supported|Unsupported (encoding|compression)|is encrypted, but/i;

/** Messages about values, memory or the engine. */
const NOT_OF_FILES =
  /^(Conversion|Out of (Memory|Range)|Constraint|Interrupt|Not implemented|Serialization|Mismatch Type) Error/i;

function isNamed(message: string, files: readonly StagedFile[]): boolean {
  return files.some(({ entry }) => message.includes(entry.path));
}

function fileOf(message: string, files: readonly StagedFile[]): string {
  const named = files.find(({ localPath }) => message.includes(localPath));
  return named?.entry.path ?? files.map(({ entry }) => entry.path)[0] ?? "the file";
}

function inLakeTerms(message: string, files: readonly StagedFile[]): string {
  let text = message;
  for (const { localPath, entry } of files) text = text.replaceAll(localPath, entry.path);
  return text.replaceAll(TURNED, "").replaceAll(QUOTED, "").replaceAll(IN_NANOSECONDS, "");
}

/** Suffix of a copy in UTF-8. */
const TURNED = new RegExp(`\\.[-\\w]+${AS_UTF8.replaceAll(".", "\\.")}`, "g");

const QUOTED = new RegExp(`${AS_TEXT.replaceAll(".", "\\.")}\\.(nd)?json`, "g");

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
