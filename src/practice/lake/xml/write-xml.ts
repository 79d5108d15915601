export const XML_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>';

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** Text escaped for an element or attribute. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** An element with text, which is escaped, or with markup. */
export function element(name: string, content: string | number, markup = false): string {
  if (content === "") return `<${name} />`;
  return `<${name}>${markup ? content : escapeXml(String(content))}</${name}>`;
}

/** Text without XML escapes. */
export function unescapeXml(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    const code = hex ? Number.parseInt(hex, 16) : decimal ? Number(decimal) : Number.NaN;
    if (code <= 0x10ffff) return String.fromCodePoint(code);
    return Object.entries(ENTITIES).find(([, entity]) => entity === `&${name};`)?.[0] ?? whole;
  });
}
