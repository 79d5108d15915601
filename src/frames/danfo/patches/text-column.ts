const LOOKED_AT = 1000;
/** A number as half of the world writes it: `1.234,50`. */
export const WITH_COMMA = /^\s*[-+]?[\d.]*,\d+\s*$/;

/**
 * Says which column of texts is in the way of what takes numbers, and where most of the texts are
 * numbers to people, how to read them as such.
 *
 * @param values of the column
 * @param instead what does the same without that column, as code
 */
export function notDefinedForText(
  operation: string,
  column: string,
  values: readonly unknown[],
  instead: string,
): Error {
  return new Error(
    `Danfo's ${operation} is not defined for text, which column ${column} holds. ${instead}${asNumbers(column, values)}`.trimEnd(),
  );
}

function asNumbers(column: string, values: readonly unknown[]): string {
  const texts: string[] = [];
  for (const value of values) {
    if (typeof value === "string" && texts.push(value) === LOOKED_AT) break;
  }
  const hasComma = texts.some((text) => WITH_COMMA.test(text));
  const isNumber = (text: string) => WITH_COMMA.test(text) || Number.isFinite(Number(text));
  const words = texts.filter((text) => !isNumber(text));
  if (words.length > texts.length / 2) return "";
  const [word] = words;
  const options = [
    ...(hasComma ? ['decimal: ","'] : []),
    ...(word === undefined ? [] : [`nulls: [${JSON.stringify(word)}]`]),
  ].join(", ");
  const name = /^[a-z_]\w*$/i.test(column) ? column : `"${column.replaceAll('"', '""')}"`;
  const written = hasComma ? `replace(${name}, ',', '.')` : name;
  const sql = `select * replace (try_cast(${written} as double) as ${name}) from df`;
  const loaded = options ? `Load the file with { ${options} } to have numbers, or make them: ` : "";
  return `${loaded}await query(lake, \`${sql}\`, { frames: { df } })`;
}
