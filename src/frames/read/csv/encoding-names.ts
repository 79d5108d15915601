import { FrameError } from "../../../core/errors.ts";

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
export function encodingNamed(name: string): string {
  const bare = bareName(name);
  const page = /^cp(125\d)$/.exec(bare)?.[1];
  const known = ENCODINGS.find((each) => bareName(each) === bare);
  const found = known ?? OTHER_NAMES[bare] ?? (page && `windows-${page}`);
  if (found) return found;
  throw new FrameError("BAD_OPTIONS", `encoding: "${name}" is none that is known`, {
    hint: `There are ${ENCODINGS.join(", ")}.`,
  });
}

function bareName(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}
