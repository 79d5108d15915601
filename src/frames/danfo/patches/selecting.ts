import type { Methods, Values } from "./danfo-internals.ts";

interface Selection {
  readonly columns?: unknown;
}

/** Columns that are not there are named, where Danfo speaks of an undefined type. */
export function mendSelecting(frames: Methods): void {
  const { loc } = frames;
  frames.loc = function checked(this: Values, selection: Selection) {
    const names = Array.isArray(selection?.columns) ? selection.columns : [];
    const unknown = names.find(
      (name) => typeof name === "string" && !name.includes(":") && !this.columns.includes(name),
    );
    if (unknown === undefined) return loc?.call(this as never, selection as never);
    throw new Error(`no column ${unknown}; there are ${this.columns.join(", ")}`);
  } as Methods[string];
}
