import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { FrameError } from "../../../core/errors.ts";
import { NewFile } from "../../../lake/local/new-file.ts";
import { cachedSize } from "../../cache/cache-folder.ts";
import type { StagedFile } from "../../cache/stage.ts";
import { unpacked } from "../compressed-files.ts";

/** Suffix of a copy in UTF-8. */
export const AS_UTF8 = ".as-utf-8.csv";

/**
 * Text files as UTF-8, which the engine reads: a file in another encoding gets a converted copy
 * beside it, which is cached with it. Invalid bytes are an error, never a question mark.
 *
 * @throws FrameError `BAD_OPTIONS`; `BAD_ENCODING` with the file and the line
 */
export async function asUtf8(
  files: readonly StagedFile[],
  name = "utf-8",
): Promise<readonly StagedFile[]> {
  const encoding = encodingNamed(name);
  if (encoding === "utf-8") return files;
  const turned: StagedFile[] = [];
  for (const file of files) turned.push(await convert(file, encoding));
  return turned;
}

async function convert(file: StagedFile, encoding: string): Promise<StagedFile> {
  const localPath = `${file.localPath}.${encoding}${AS_UTF8}`;
  const turned = { ...file, localPath };
  if ((await cachedSize(localPath)) !== undefined) return turned;
  const part = await NewFile.create(localPath, { mode: 0o600 });
  try {
    const text = Readable.from(texts(file, encoding));
    await pipeline(text, part.handle.createWriteStream());
    await part.place({ overwrite: true, durable: false });
  } finally {
    await part.discard();
  }
  return turned;
}

/** The text of a file, by whole lines, so that no character is cut. */
async function* texts(file: StagedFile, name: string): AsyncGenerator<string> {
  let line = 1;
  let rest: Uint8Array = new Uint8Array();
  let script: Script | undefined;
  for await (const chunk of unpacked(file.localPath)) {
    rest = Buffer.concat([rest, chunk]);
    if (rest.length < LONGEST_MARK) continue;
    if (!script) {
      script = scriptOf(name, rest, file);
      rest = rest.subarray(script.mark);
    }
    const end = script.lastEnd(rest);
    if (end === 0) continue;
    const text = textOf(script, rest.subarray(0, end), line, file);
    line += text.split("\n").length - 1;
    rest = rest.subarray(end);
    yield text;
  }
  script ??= scriptOf(name, rest, file);
  if (rest.length > 0) yield textOf(script, rest, line, file);
}

/** @throws FrameError `BAD_ENCODING` */
function textOf(script: Script, bytes: Uint8Array, first: number, file: StagedFile): string {
  try {
    return script.decode(bytes);
  } catch (cause) {
    const line = first + wholeLines(script, bytes);
    throw new FrameError(
      "BAD_ENCODING",
      `${file.entry.path}, line ${line}: the bytes are not ${script.name} text`,
      { hint: 'Say how it is encoded, such as { encoding: "windows-1252" }.', cause },
    );
  }
}

/** Number of lines before the first invalid one. */
function wholeLines(script: Script, bytes: Uint8Array): number {
  for (let at = 0, lines = 0; ; lines++) {
    const end = script.nextEnd(bytes, at) ?? bytes.length;
    try {
      script.decode(bytes.subarray(at, end));
    } catch {
      return lines;
    }
    at = end;
  }
}

interface Script {
  readonly name: string;
  /** Bytes of the byte order mark that the file has. */
  readonly mark: number;
  /** @throws TypeError for invalid bytes */
  decode(bytes: Uint8Array): string;
  /** End of the line at `from`, its line break included; undefined if it is not complete. */
  nextEnd(bytes: Uint8Array, from: number): number | undefined;
  /** End of the last complete line; 0 if there is none. */
  lastEnd(bytes: Uint8Array): number;
}

const LONGEST_MARK = 4;
const MARKS: readonly (readonly [name: string, mark: readonly number[]])[] = [
  ["utf-8", [0xef, 0xbb, 0xbf]],
  ["utf-16le", [0xff, 0xfe]],
  ["utf-16be", [0xfe, 0xff]],
];

/** @throws FrameError `BAD_ENCODING` when the file has the byte order mark of another encoding */
function scriptOf(requested: string, start: Uint8Array, file: StagedFile): Script {
  const [marked, mark = []] =
    MARKS.find(([, bytes]) => bytes.every((byte, place) => start[place] === byte)) ?? [];
  const name = requested === "utf-16" ? (marked ?? likelyUtf16(start)) : requested;
  if (marked && marked !== name) {
    throw new FrameError("BAD_ENCODING", `${file.entry.path} begins with the mark of ${marked}`, {
      hint: `It is not ${requested}: say { encoding: "${marked}" }.`,
    });
  }
  const bytes = name.startsWith("utf-16") ? 2 : 1;
  const low = name === "utf-16be" ? 1 : 0;
  return { name, mark: mark.length, decode: decoderOf(name), ...lineEnds(bytes, low) };
}

/** Without a byte order mark, by the zero bytes of the first ASCII characters. */
function likelyUtf16(start: Uint8Array): string {
  const zeros = [0, 0];
  for (const [place, byte] of start.entries()) {
    if (byte === 0) zeros[place & 1] = (zeros[place & 1] ?? 0) + 1;
  }
  return (zeros[0] ?? 0) > (zeros[1] ?? 0) ? "utf-16be" : "utf-16le";
}

function decoderOf(name: string): (bytes: Uint8Array) => string {
  // TextDecoder's "latin-1" is windows-1252.
  if (name === "latin-1") return (bytes) => Buffer.from(bytes).toString("latin1");
  const decoder = new TextDecoder(name, { fatal: true, ignoreBOM: true });
  if (!name.startsWith("windows-")) return (bytes) => decoder.decode(bytes);
  return (bytes) => {
    const text = decoder.decode(bytes);
    // Undefined bytes decode to these control characters.
    if (/[\u0080-\u009f]/.test(text)) throw new TypeError("a byte stands for no character");
    return text;
  };
}

function lineEnds(unit: 1 | 2, low: 0 | 1): Pick<Script, "nextEnd" | "lastEnd"> {
  if (unit === 1) {
    return {
      nextEnd: (bytes, from) => bytes.indexOf(10, from) + 1 || undefined,
      lastEnd: (bytes) => bytes.lastIndexOf(10) + 1,
    };
  }
  const isEnd = (bytes: Uint8Array, at: number) =>
    bytes[at - 2 + low] === 10 && bytes[at - 1 - low] === 0;
  return {
    nextEnd(bytes, from) {
      for (let end = from + 2; end <= bytes.length; end += 2) if (isEnd(bytes, end)) return end;
      return undefined;
    },
    lastEnd(bytes) {
      for (let end = bytes.length & ~1; end >= 2; end -= 2) if (isEnd(bytes, end)) return end;
      return 0;
    },
  };
}

/** Supported encodings; all but `latin-1` are TextDecoder's. */
const ENCODINGS: readonly string[] = [
  ...["utf-8", "utf-16", "utf-16le", "utf-16be", "latin-1"],
  ...[0, 1, 2, 3, 4, 5, 6, 7, 8].map((page) => `windows-125${page}`),
  ...[2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16].map((part) => `iso-8859-${part}`),
  ...["windows-874", "koi8-r", "koi8-u", "macintosh", "ibm866"],
  ...["shift_jis", "euc-jp", "iso-2022-jp", "gb18030", "gbk", "big5", "euc-kr"],
];

/** Names in pandas and elsewhere. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  utf8sig: "utf-8",
  ascii: "utf-8",
  usascii: "utf-8",
  iso88591: "latin-1",
  sjis: "shift_jis",
  cp932: "shift_jis",
  cp936: "gbk",
  cp949: "euc-kr",
  cp950: "big5",
  cp866: "ibm866",
  macroman: "macintosh",
};

/**
 * The encoding of a name; `UTF8`, `Latin1` and `cp1252` are accepted too.
 *
 * @throws FrameError `BAD_OPTIONS`
 */
function encodingNamed(name: string): string {
  const bare = bareName(name);
  const page = /^cp(125\d)$/.exec(bare)?.[1];
  const known = ENCODINGS.find((each) => bareName(each) === bare);
  const standardName = known ?? OTHER_NAMES[bare] ?? (page && `windows-${page}`);
  if (standardName) return standardName;
  throw new FrameError("BAD_OPTIONS", `encoding: "${name}" is none that is known`, {
    hint: `There are ${ENCODINGS.join(", ")}.`,
  });
}

function bareName(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}
