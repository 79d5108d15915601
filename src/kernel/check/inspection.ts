import { join } from "node:path";
import {
  type CallExpression,
  findPrecedingToken,
  getTouchingPropertyName,
  type Identifier,
  type NewExpression,
  type Node,
  type SourceFile,
} from "typescript/unstable/ast";
import {
  isBlock,
  isCallExpression,
  isIdentifier,
  isNewExpression,
  isPrivateIdentifier,
  isPropertyAccessExpression,
} from "typescript/unstable/ast/is";
import {
  type Symbol as Name,
  type Project,
  type Signature,
  SymbolFlags,
  type Type,
} from "typescript/unstable/sync";
import { documentationOf } from "./documentation.ts";
import { slashed, typesRoot } from "./mirror-folder.ts";
import { declarationText, propertyLines, signatureText } from "./signature-text.ts";

/** Help for a position of a code, by MIME type. */
export type Inspection = Readonly<Record<"text/plain" | "text/markdown", string>>;

/** A call whose arguments a position is in. */
interface Call {
  readonly node: CallExpression | NewExpression;
  /** Index of the argument at the position. */
  readonly argument: number;
}

/** Help for an offset of a file: inside of a call the function and its parameter, else the name. */
export function inspectAt(
  project: Project,
  file: SourceFile,
  offset: number,
): Inspection | undefined {
  const call = callAround(file, offset);
  const name = nameAt(file, offset);
  const parts = [
    ...(call ? explainCall(project, call) : []),
    ...(name && name !== (call && calleeName(call.node)) ? explainName(project, name, !call) : []),
  ];
  if (parts.length === 0) return undefined;
  return {
    "text/plain": parts.map((part) => part.plain).join("\n\n"),
    "text/markdown": parts.map((part) => part.markdown).join("\n\n"),
  };
}

/** A part of the help, as plain text and as Markdown. */
interface Part {
  readonly plain: string;
  readonly markdown: string;
}

const code = (text: string): Part => ({ plain: text, markdown: `\`\`\`ts\n${text}\n\`\`\`` });
const prose = (text: string): Part => ({ plain: text, markdown: text });

function explainCall(project: Project, { node, argument }: Call): Part[] {
  const { checker } = project;
  const type = checker.getTypeAtLocation(node.expression);
  const isNew = isNewExpression(node);
  const all = type ? checker.getSignaturesOfType(type, isNew ? 1 : 0) : [];
  const resolved = checker.getResolvedSignature(node);
  const meant = resolved && all.find((signature) => isSameDeclaration(signature, resolved));
  const fitting = meant ?? all.find((one) => one.getParameters().length > argument) ?? all[0];
  // A resolved signature has its type arguments; of several overloads it may be a mixture.
  const chosen = meant && all.length === 1 ? resolved : fitting;
  const callee = calleeName(node);
  if (!chosen || !callee) return [];
  const name = isNew ? `new ${callee.text}` : callee.text;
  const others = all.filter((signature) => signature !== fitting);
  const parts = [code(signatureText(project, name, chosen, argument))];
  if (others.length > 0) {
    const lines = others.slice(0, 5).map((other) => signatureText(project, name, other));
    parts.push(code(`// or\n${lines.join("\n")}`));
  }
  const parameters = chosen.getParameters();
  const parameter = parameters[Math.min(argument, parameters.length - 1)];
  const symbol = symbolAt(project, callee);
  const documentation = symbol && documentationOf(project, symbol, parameter?.name);
  if (documentation) parts.push(prose(documentation));
  if (symbol && isOurs(symbol)) parts.push(prose(GUIDE));
  const fields = parameter ? optionLines(project, checker.getTypeOfSymbol(parameter)) : [];
  if (fields.length > 0) parts.push(code(`// ${parameter?.name}\n${fields.join("\n")}`));
  return parts;
}

const GUIDE = "*guide* `npx notelake docs` in a terminal lists its pages.";

/** Whether a function is notelake's own. */
function isOurs({ valueDeclaration }: Name): boolean {
  const path = valueDeclaration?.path.toString() ?? "";
  const own = ["src", "dist"].map((folder) => slashed(join(typesRoot(), folder, "/")));
  return own.some((folder) => path.startsWith(folder) || path.startsWith(folder.toLowerCase()));
}

/** The properties of an options object; an object with methods is only named. */
function optionLines(project: Project, type: Type | undefined): string[] {
  const object = type && project.checker.getNonNullableType(type);
  const properties = object ? project.checker.getPropertiesOfType(object) : [];
  const hasMethods = properties.some(({ flags }) => flags & SymbolFlags.Method);
  return hasMethods ? [] : propertyLines(project, object);
}

function isSameDeclaration(a: Signature, b: Signature): boolean {
  const [left, right] = [a.declaration, b.declaration];
  return left !== undefined && left.index === right?.index && left.path === right.path;
}

function explainName(project: Project, name: Identifier, withDocumentation: boolean): Part[] {
  const symbol = symbolAt(project, name);
  if (!symbol) return [];
  const parts = [code(declarationText(project, symbol, name))];
  const documentation = withDocumentation && documentationOf(project, symbol);
  if (documentation) parts.push(prose(documentation));
  return parts;
}

/** The symbol of a name, imports followed. */
function symbolAt({ checker }: Project, name: Node): Name | undefined {
  const symbol =
    checker.getSymbolAtLocation(name) ??
    // A type where a value is expected, as when its name is the whole cell.
    checker.resolveName(name.getText(), SymbolFlags.Type, name);
  if (!symbol || !(symbol.flags & SymbolFlags.Alias)) return symbol;
  const target = checker.getAliasedSymbol(symbol);
  return checker.isUnknownSymbol(target) ? symbol : target;
}

function callAround(file: SourceFile, offset: number): Call | undefined {
  let node: Node | undefined = findPrecedingToken(file, offset);
  for (; node && node !== file; node = node.parent) {
    // Not inside of the body of a function that is an argument.
    if (isBlock(node) && node.pos < offset && offset < node.end) return undefined;
    if (!isCallExpression(node) && !isNewExpression(node)) continue;
    const list = node.arguments;
    if (!list || offset < list.pos) continue;
    const isClosed = file.text[node.end - 1] === ")";
    if (isClosed && offset >= node.end) continue;
    const passed = list.filter(
      ({ end }) => end <= offset && file.text.slice(end, offset).includes(","),
    );
    return { node, argument: passed.length };
  }
  return undefined;
}

function calleeName({ expression }: CallExpression | NewExpression): Identifier | undefined {
  if (isIdentifier(expression)) return expression;
  if (!isPropertyAccessExpression(expression)) return undefined;
  return isPrivateIdentifier(expression.name) ? undefined : expression.name;
}

/** The name that a position is in or at the end of. */
function nameAt(file: SourceFile, offset: number): Identifier | undefined {
  const touching = [offset, offset - 1].map((at) => getTouchingPropertyName(file, at));
  return touching.find((node): node is Identifier => isIdentifier(node));
}
