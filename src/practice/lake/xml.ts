export const XML_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>';

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** Text as it may stand in an XML element or attribute. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** An element around escaped text, or around markup that is already XML. */
export function element(name: string, content: string | number, markup = false): string {
  if (content === "") return `<${name} />`;
  return `<${name}>${markup ? content : escapeXml(String(content))}</${name}>`;
}
