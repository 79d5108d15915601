import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { FrameError } from "../../../core/errors.ts";
import { NewFile } from "../../../lake/local/new-file.ts";
import { cachedSize } from "../../cache/cache-folder.ts";
import type { StagedFile } from "../../cache/stage.ts";
import { unpacked } from "../compressed-files.ts";

/** Ends the name of a copy that was turned into UTF-8. */
export const AS_UTF8 = ".as-utf-8.csv";

/**
 * Text files as UTF-8, which the engine reads: beside each that is written in another way a copy is
 * made, and kept with it. Nothing is replaced by a question mark on the way.
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

/** The text of a file, whole lines at a time: no character is cut by them in any encoding. */
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

/** How many lines can be read before one that cannot. */
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

/** How bytes are text. */
interface Script {
  readonly name: string;
  /** Bytes of the mark that the file begins with. */
  readonly mark: number;
  /** @throws TypeError for bytes that are none */
  decode(bytes: Uint8Array): string;
  /** Where the line ends that begins at `from`, its sign included; undefined if it does not. */
  nextEnd(bytes: Uint8Array, from: number): number | undefined;
  /** Where the last line ends that does; 0 if none does. */
  lastEnd(bytes: Uint8Array): number;
}

const LONGEST_MARK = 4;
const MARKS: readonly (readonly [name: string, mark: readonly number[]])[] = [
  ["utf-8", [0xef, 0xbb, 0xbf]],
  ["utf-16le", [0xff, 0xfe]],
  ["utf-16be", [0xfe, 0xff]],
];

/** @throws FrameError `BAD_ENCODING` when the file begins with the mark of another encoding */
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

/** Without a mark, the zero bytes of the first Latin letters, digits and signs tell. */
function likelyUtf16(start: Uint8Array): string {
  const zeros = [0, 0];
  for (const [place, byte] of start.entries()) {
    if (byte === 0) zeros[place & 1] = (zeros[place & 1] ?? 0) + 1;
  }
  return (zeros[0] ?? 0) > (zeros[1] ?? 0) ? "utf-16be" : "utf-16le";
}

function decoderOf(name: string): (bytes: Uint8Array) => string {
  // What TextDecoder calls by this name is windows-1252.
  if (name === "latin-1") return (bytes) => Buffer.from(bytes).toString("latin1");
  const decoder = new TextDecoder(name, { fatal: true, ignoreBOM: true });
  if (!name.startsWith("windows-")) return (bytes) => decoder.decode(bytes);
  return (bytes) => {
    const text = decoder.decode(bytes);
    // Bytes that stand for nothing come out as these control characters.
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

/** Encodings of text by the names that are asked for; all but `latin-1` are TextDecoder's. */
const ENCODINGS: readonly string[] = [
  ...["utf-8", "utf-16", "utf-16le", "utf-16be", "latin-1"],
  ...[0, 1, 2, 3, 4, 5, 6, 7, 8].map((page) => `windows-125${page}`),
  ...[2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16].map((part) => `iso-8859-${part}`),
  ...["windows-874", "koi8-r", "koi8-u", "macintosh", "ibm866"],
  ...["shift_jis", "euc-jp", "iso-2022-jp", "gb18030", "gbk", "big5", "euc-kr"],
];

/** What pandas and others call them. */
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
 * The encoding that a name means; `UTF8`, `Latin1` and `cp1252` are names too.
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
