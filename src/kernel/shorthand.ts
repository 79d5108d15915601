import type * as TypeScript from "@tslab/typescript-for-tslab";

/**
 * Writes `{ name }` as `{ name: name }` before a cell is converted. tslab leads names of earlier
 * cells to where their values are kept, and overlooks them in the short form.
 */
export function expandShorthand(
  ts: typeof TypeScript,
): TypeScript.TransformerFactory<TypeScript.SourceFile> {
  return (context) => {
    const { factory } = context;
    const visit = (node: TypeScript.Node): TypeScript.Node => {
      if (!ts.isShorthandPropertyAssignment(node)) return ts.visitEachChild(node, visit, context);
      const { name, objectAssignmentInitializer: preset } = node;
      const value = preset
        ? factory.createAssignment(name, ts.visitNode(preset, visit) as typeof preset)
        : name;
      // A name of its own: the same node in both places would be led away in both.
      return factory.createPropertyAssignment(factory.createIdentifier(name.text), value);
    };
    return (file) => ts.visitEachChild(file, visit, context);
  };
}

/** Lets `checker` answer for a name in the short form what it stands for, not the property. */
export function resolveShorthand(ts: typeof TypeScript, checker: TypeScript.TypeChecker): void {
  const { getSymbolAtLocation } = checker;
  checker.getSymbolAtLocation = (node) => {
    const { parent } = node;
    const short = parent && ts.isShorthandPropertyAssignment(parent) && parent.name === node;
    return short ? checker.getShorthandAssignmentValueSymbol(parent) : getSymbolAtLocation(node);
  };
}
