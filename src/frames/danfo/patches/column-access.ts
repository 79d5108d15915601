import type { Methods, NDframe, PatchTarget } from "./danfo-internals.ts";

interface Selection {
  readonly columns?: unknown;
}

/**
 * `loc` names a column that is not there, where Danfo speaks of an undefined type. A column called
 * `shape` or `head` no longer replaces the frame's own member of that name.
 */
export function patchColumnAccess({ frames }: PatchTarget): void {
  const { loc, $setInternalColumnDataProperty: addProperty } = frames;
  frames.loc = function checked(this: NDframe, selection: Selection) {
    const names = Array.isArray(selection?.columns) ? selection.columns : [];
    const unknown = names.find(
      (name) => typeof name === "string" && !name.includes(":") && !this.columns.includes(name),
    );
    if (unknown === undefined) return loc?.call(this as never, selection as never);
    throw new Error(`no column ${unknown}; there are ${this.columns.join(", ")}`);
  } as Methods[string];
  frames.$setInternalColumnDataProperty = function added(this: NDframe, column?: string) {
    for (const name of column === undefined ? this.columns : [column]) {
      if (!(name in frames)) addProperty?.call(this as never, name as never);
    }
  } as Methods[string];
}
