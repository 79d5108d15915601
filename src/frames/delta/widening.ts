const WHOLE = ["byte", "short", "integer", "long"];

/** Whether a change of type is one of the protocol's "Type Widening", which loses no value. */
export function isWidening(from: string, to: string): boolean {
  const [before, after] = [WHOLE.indexOf(from), WHOLE.indexOf(to)];
  if (before >= 0 && after >= 0) return before < after;
  if (to === "double") return from === "float" || (before >= 0 && from !== "long");
  if (to === "timestamp_ntz") return from === "date";
  const wider = decimal(to);
  const narrow = before >= 0 ? { digits: from === "long" ? 20 : 10, scale: 0 } : decimal(from);
  if (!wider || !narrow) return false;
  const moreScale = wider.scale - narrow.scale;
  return moreScale >= 0 && wider.digits - narrow.digits >= moreScale;
}

function decimal(type: string): { digits: number; scale: number } | undefined {
  const [, digits, scale] = /^decimal\((\d+), *(\d+)\)$/.exec(type) ?? [];
  return digits === undefined ? undefined : { digits: Number(digits), scale: Number(scale) };
}
