import { type Node, NodeFlags, SyntaxKind } from "typescript/unstable/ast";
import { isTypeReferenceNode } from "typescript/unstable/ast/is";
import {
  type Symbol as Name,
  NodeBuilderFlags,
  type Project,
  type Signature,
  SymbolFlags,
  type Type,
} from "typescript/unstable/sync";
import { summaryOf } from "./documentation.ts";

/** Longer signatures have a line for each parameter. */
const LINE = 80;
/** Types with more properties than this are named only. */
const MOST_PROPERTIES = 25;

/**
 * A signature as TypeScript; the current parameter, if any, is marked:
 *
 * ```
 * loadFrame(
 *   lake: Lake,
 *   files: FileSelection,
 *   options?: LoadFrameOptions,   // <- here
 * ): Promise<DataFrame>
 * ```
 */
export function signatureText(
  project: Project,
  name: string,
  signature: Signature,
  active?: number,
): string {
  const { checker, emitter } = project;
  const flags = NodeBuilderFlags.NoTruncation;
  const node = checker.signatureToSignatureDeclaration(
    signature,
    SyntaxKind.CallSignature,
    undefined,
    flags,
  ) as
    | (Node & { parameters: readonly Node[]; typeParameters?: readonly Node[]; type?: Node })
    | undefined;
  if (!node) return `${name}(…)`;
  const print = (part: Node) => emitter.printNode(part).trim();
  const parameters = node.parameters.map((parameter) => withoutUndefined(print(parameter)));
  const generic = node.typeParameters?.length
    ? `<${node.typeParameters.map(print).join(", ")}>`
    : "";
  const result = node.type ? `: ${print(node.type)}` : "";
  const line = `${name}${generic}(${parameters.join(", ")})${result}`;
  const last = parameters.length - 1;
  const here = active === undefined ? -1 : Math.min(active, last);
  const isPast = active !== undefined && active > last && !parameters[last]?.startsWith("...");
  if (parameters.length === 0 || isPast || (active === undefined && line.length <= LINE))
    return line;
  if (parameters.length === 1 && line.length <= LINE) return line;
  const lines = parameters.map((text, i) => `  ${text},${i === here ? "  // <- here" : ""}`);
  return `${name}${generic}(\n${lines.join("\n")}\n)${result}`;
}

/** `options?: Options | undefined` without the redundant part. */
function withoutUndefined(parameter: string): string {
  return parameter.replace(/^([\w$]+\?: )(?:\((.*)\)|(.*)) \| undefined$/s, "$1$2$3");
}

/** A declaration of a name, with its type. */
export function declarationText(project: Project, symbol: Name, at: Node): string {
  const { checker } = project;
  const { flags, name } = symbol;
  const isType = !(flags & SymbolFlags.Value) || isTypeReferenceNode(at.parent);
  if (isType && flags & (SymbolFlags.TypeAlias | SymbolFlags.Interface)) {
    const type = checker.getDeclaredTypeOfSymbol(symbol);
    const fields = propertyLines(project, type);
    const word = flags & SymbolFlags.Interface ? "interface" : "type";
    if (fields.length > 0) return `${word} ${name} {\n${fields.join("\n")}\n}`;
    const text = checker.typeToString(type, undefined, NodeBuilderFlags.InTypeAlias);
    return word === "type" && text !== name ? `type ${name} = ${text}` : `${word} ${name}`;
  }
  if (flags & SymbolFlags.Class) return `class ${name}`;
  if (flags & SymbolFlags.Enum) return `enum ${name}`;
  if (flags & SymbolFlags.Module) return `namespace ${name}`;
  const type = checker.getTypeOfSymbolAtLocation(symbol, at);
  if (flags & (SymbolFlags.Function | SymbolFlags.Method)) {
    const signatures = checker.getSignaturesOfType(type, 0).slice(0, 6);
    const word = flags & SymbolFlags.Function ? "function " : "";
    return signatures.map((one) => signatureText(project, `${word}${name}`, one)).join("\n");
  }
  return `${wordFor(symbol)}${name}: ${checker.typeToString(type)}`;
}

function wordFor({ flags, valueDeclaration }: Name): string {
  if (flags & SymbolFlags.Property) return "(property) ";
  if (!(flags & SymbolFlags.Variable)) return "";
  if (valueDeclaration?.kind === SyntaxKind.Parameter) return "(parameter) ";
  const list = valueDeclaration?.resolve()?.parent;
  if (!list) return "";
  if (list.flags & NodeFlags.Const) return "const ";
  return list.flags & NodeFlags.Let ? "let " : "var ";
}

/**
 * `name?: type;` of each property of an object type, except the language's own, with the first
 * sentence of its documentation.
 */
export function propertyLines(project: Project, type: Type | undefined): string[] {
  const { checker } = project;
  const object = type && checker.getNonNullableType(type);
  if (!object?.isObjectType() && !object?.isIntersectionType()) return [];
  if (checker.isArrayLikeType(object) || checker.getSignaturesOfType(object, 0).length > 0) {
    return [];
  }
  const properties = checker.getPropertiesOfType(object);
  if (properties.length > MOST_PROPERTIES) return [];
  const types = properties.length > 0 ? checker.getTypeOfSymbol(properties) : [];
  return properties.map((property, i) => {
    const known = types[i];
    const optional = property.flags & SymbolFlags.Optional ? "?" : "";
    const text = known ? checker.typeToString(known) : "unknown";
    const line = `  ${property.name}${optional}: ${optional ? text.replace(/ \| undefined$/, "") : text};`;
    const said = summaryOf(project, property);
    return said ? `${line}  // ${said}` : line;
  });
}
