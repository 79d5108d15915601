/** A word, text, name or sign of a statement. */
export interface SqlToken {
  /** As it stands; of words in lower case. */
  readonly text: string;
  readonly isWord: boolean;
  /** How many parentheses and brackets it stands in. */
  readonly depth: number;
  readonly start: number;
  readonly end: number;
}

const TOKEN = new RegExp(
  [
    /(?<note>--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))/u,
    /(?<text>e'(?:\\[\s\S]|''|[^'\\])*'?|'(?:''|[^'])*'?|"(?:""|[^"])*"?)/u,
    /(?<dollars>\$(?<tag>[a-z_]\w*)?\$[\s\S]*?(?:\$\k<tag>\$|$))/u,
    /(?<word>[\p{L}_][\p{L}\p{N}_$]*)/u,
    /(?<number>\d[\w.]*)/u,
    /(?<sign>\S)/u,
  ]
    .map(({ source }) => source)
    .join("|"),
  "giu",
);

/** The parts of a statement, without notes and what stands between. */
export function tokensOf(sql: string): SqlToken[] {
  const tokens: SqlToken[] = [];
  let depth = 0;
  for (const { index, 0: text, groups } of sql.matchAll(TOKEN)) {
    if (groups?.note !== undefined) continue;
    if (/^[)\]}]$/.test(text)) depth--;
    const isWord = groups?.word !== undefined;
    const end = index + text.length;
    tokens.push({ text: isWord ? text.toLowerCase() : text, isWord, depth, start: index, end });
    if (/^[([{]$/.test(text)) depth++;
  }
  return tokens;
}
