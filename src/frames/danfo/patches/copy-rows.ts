import type { Methods, NDframe, PatchTarget } from "./danfo-internals.ts";

interface Held extends NDframe {
  $data: unknown[];
}

/**
 * A change of one frame is none of another. Danfo hands the same rows to copies and parts of a
 * frame and then writes into them, `fillNa` with columns even into the frame that it was asked of.
 */
export function patchCopyRows({ frames }: PatchTarget): void {
  const { copy, fillNa, $setColumnData: setColumn } = frames;
  const copied = function copied(this: Held): Held {
    const made = copy?.call(this as never) as Held;
    ownRows(made);
    return made;
  };
  frames.copy = copied as Methods[string];
  frames.fillNa = function filled(this: Held, ...options: [unknown, { inplace?: boolean }?]) {
    const inPlace = options[1]?.inplace === true;
    if (inPlace) ownRows(this);
    return fillNa?.apply((inPlace ? this : copied.call(this)) as never, options as never);
  } as Methods[string];
  frames.$setColumnData = function set(this: Held, name: string, values: unknown) {
    ownRows(this);
    const isSeries = typeof values === "object" && values !== null && "$isSeries" in values;
    const list = isSeries ? (values as NDframe).values : values;
    return setColumn?.call(this as never, name as never, list as never);
  } as Methods[string];
}

function ownRows(frame: Held): void {
  frame.$data = frame.$data.map((row) => (Array.isArray(row) ? [...row] : row));
}
