/** Under this name the notebook kernel leaves a function on `globalThis` that hears of secrets. */
const ISSUED = Symbol.for("notelake.issuedSecret");

/** Tells a notebook's kernel, in a headless run, of what must not be among the outputs. */
export function announceSecret(kind: string, value: string): void {
  const tell: unknown = Reflect.get(globalThis, ISSUED);
  if (typeof tell === "function") tell(kind, value);
}
