import { unescapeXml } from "./write-xml.ts";

export interface XmlElement {
  readonly name: string;
  readonly children: readonly XmlElement[];
  /** Its own text, trimmed. */
  readonly text: string;
  /** Its source text. */
  readonly source: string;
  /** Its position, in characters after the byte order mark. */
  readonly start: number;
}

interface Open {
  readonly name: string;
  readonly start: number;
  readonly children: XmlElement[];
  text: string;
}

/** A document that the service refuses. */
export class XmlError extends Error {
  override readonly name = "XmlError";
}

const MAX_DEPTH = 20;

/**
 * Parses a document in linear time. What the service refuses (a document type, own entities,
 * comments within text) is an error or skipped.
 *
 * @throws XmlError
 */
export function readXml(document: string): XmlElement {
  const text = document.replace(/^\uFEFF/, "");
  const stack: Open[] = [{ name: "", start: 0, children: [], text: "" }];
  for (let at = 0; at < text.length; ) {
    const open = stack.at(-1) as Open;
    const mark = text.indexOf("<", at);
    open.text += text.slice(at, mark < 0 ? text.length : mark);
    if (mark < 0) break;
    if (text.startsWith("<!--", mark)) {
      at = behind(text, "-->", mark);
      continue;
    }
    const end = behind(text, ">", mark);
    const tag = text.slice(mark + 1, end - 1);
    at = end;
    if (tag.startsWith("?")) continue;
    if (tag.startsWith("/")) {
      close(stack, tag.slice(1).trim(), text, end);
      continue;
    }
    const isEmpty = tag.endsWith("/");
    const [name = ""] = /^[A-Za-z_][\w.:-]*/.exec(tag) ?? [];
    if (name === "" || stack.length > MAX_DEPTH) throw new XmlError();
    stack.push({ name, start: mark, children: [], text: "" });
    if (isEmpty) close(stack, name, text, end);
  }
  const [root, ...remaining] = stack;
  const [element] = root?.children ?? [];
  if (remaining.length > 0 || !element || root?.children.length !== 1 || root.text.trim() !== "") {
    throw new XmlError();
  }
  return element;
}

function close(stack: Open[], name: string, text: string, end: number): void {
  const open = stack.length > 1 ? stack.pop() : undefined;
  if (open?.name !== name) throw new XmlError();
  stack.at(-1)?.children.push({
    name,
    children: open.children,
    text: unescapeXml(open.text.trim()),
    source: text.slice(open.start, end),
    start: open.start,
  });
}

function behind(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  if (at < 0) throw new XmlError();
  return at + mark.length;
}

/** The first child of this name. */
export function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((child) => child.name === name);
}
