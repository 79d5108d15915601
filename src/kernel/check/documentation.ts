import type { Symbol as Name, Project } from "typescript/unstable/sync";

/**
 * The doc comment of a name as Markdown: its text, the parameters, and its examples.
 *
 * @param parameter the one that is being written comes first
 */
export function documentationOf(
  { checker }: Project,
  symbol: Name,
  parameter?: string,
): string | undefined {
  const text = checker.getDocumentationCommentOfSymbol(symbol).trim();
  const sections = text ? [text] : [];
  const parameters: string[] = [];
  for (const { name, text: tag = "" } of checker.getJsDocTagsOfSymbol(symbol)) {
    const said = tag.trim();
    if (name === "param") {
      const [first = "", ...rest] = said.split(/\s+/);
      const line = `- \`${first}\` ${rest.join(" ").replace(/^-\s*/, "")}`;
      if (first === parameter) parameters.unshift(line);
      else parameters.push(line);
    } else if (name === "example") {
      sections.push(said.includes("```") ? said : `\`\`\`ts\n${said}\n\`\`\``);
    } else if (name === "deprecated") sections.unshift(`**Deprecated** ${said}`);
    else if (name === "returns" || name === "throws" || name === "see") {
      sections.push(`*${name}* ${said}`);
    }
  }
  if (parameters.length > 0) sections.splice(text ? 1 : 0, 0, parameters.join("\n"));
  return sections.length > 0 ? sections.join("\n\n") : undefined;
}
