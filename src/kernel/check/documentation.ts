import type { Symbol as Name, Project } from "typescript/unstable/sync";

const MOST_CHARACTERS = 120;

/**
 * The doc comment of a name as Markdown: its text, parameters, examples, and the rest.
 *
 * @param parameter the one that is being written comes first
 */
export function documentationOf(
  { checker }: Project,
  symbol: Name,
  parameter?: string,
): string | undefined {
  const text = plain(checker.getDocumentationCommentOfSymbol(symbol));
  const parameters: string[] = [];
  const examples: string[] = [];
  const others: string[] = [];
  let deprecated = "";
  for (const { name, text: tag = "" } of checker.getJsDocTagsOfSymbol(symbol)) {
    const said = plain(tag);
    if (name === "param") {
      const [first = "", ...rest] = said.split(/\s+/);
      const line = `- \`${first}\` ${rest.join(" ").replace(/^-\s*/, "")}`;
      if (first === parameter) parameters.unshift(line);
      else parameters.push(line);
    } else if (name === "example") {
      examples.push(said.includes("```") ? said : `\`\`\`ts\n${said}\n\`\`\``);
    } else if (name === "deprecated") deprecated = `**Deprecated** ${said}`;
    else if (/^(?:returns|throws|see)$/.test(name)) others.push(`*${name}* ${said}`);
  }
  const sections = [deprecated, text, parameters.join("\n"), ...examples, ...others];
  const filled = sections.filter((section) => section !== "");
  return filled.length > 0 ? filled.join("\n\n") : undefined;
}

/** The first sentence of a property's doc comment, on one line. */
export function summaryOf({ checker }: Project, symbol: Name): string {
  const text = plain(checker.getDocumentationCommentOfSymbol(symbol)).replace(/\s+/g, " ");
  const [sentence = ""] = text.split(/(?<=\.)\s/, 1);
  return sentence.length > MOST_CHARACTERS ? `${sentence.slice(0, MOST_CHARACTERS)}…` : sentence;
}

/** Unescapes `*\/` in a comment. */
function plain(text: string): string {
  return text.trim().replaceAll("*\\/", "*/");
}
