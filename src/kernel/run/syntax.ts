import { type AnyNode, type Options, Parser, type Pattern, type Program } from "acorn";

export type Node = AnyNode;

const OPTIONS: Options = { ecmaVersion: "latest", sourceType: "module", allowHashBang: true };

/** Accepts exports of names that an earlier cell declared. */
const CellParser = Parser.extend((Base) => {
  const Tolerant = class extends Base {
    checkLocalExport(): void {}
  };
  return Tolerant as unknown as typeof Parser;
});

/**
 * Parses JavaScript as a module.
 *
 * @throws SyntaxError with `pos`, the offset of the error
 */
export function parseModule(code: string): Program {
  return CellParser.parse(code, OPTIONS);
}

/** Calls `visit` for each node, outermost first; `false` skips the node's children. */
export function walk(
  node: Node,
  visit: (node: Node, parent: Node | undefined, key: string) => boolean | undefined,
  parent?: Node,
  key = "",
): void {
  if (visit(node, parent, key) === false) return;
  for (const [name, value] of Object.entries(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) walk(child, visit, node, name);
    }
  }
}

function isNode(value: unknown): value is Node {
  return (
    typeof value === "object" &&
    value !== null &&
    "type" in value &&
    typeof value.type === "string" &&
    "start" in value
  );
}

/** The names that a pattern binds: `a`, `b` and `rest` of `{ a, x: [b], ...rest }`. */
export function boundNames(pattern: Pattern): string[] {
  switch (pattern.type) {
    case "Identifier":
      return [pattern.name];
    case "ObjectPattern":
      return pattern.properties.flatMap((property) =>
        boundNames(property.type === "Property" ? property.value : property.argument),
      );
    case "ArrayPattern":
      return pattern.elements.flatMap((element) => (element ? boundNames(element) : []));
    case "RestElement":
      return boundNames(pattern.argument);
    case "AssignmentPattern":
      return boundNames(pattern.left);
    default:
      return [];
  }
}

/** Whether code in this node has its own `this`. */
export function isFunction(node: Node): boolean {
  return node.type === "FunctionDeclaration" || node.type === "FunctionExpression";
}

/** Whether this node is a scope of `var`. */
export function isVariableScope(node: Node): boolean {
  return isFunction(node) || /^(ArrowFunctionExpression|StaticBlock)$/.test(node.type);
}

/** Whether it is `var a, b;` without initializers. */
export function isBareVariable(node: Node): boolean {
  return (
    node.type === "VariableDeclaration" &&
    node.kind === "var" &&
    node.declarations.every(({ init }) => !init)
  );
}
