/**
 * What an import of `name` from a module binds; `*` is all of it. CommonJS is read as TypeScript and
 * bundlers do: a name that Node did not find in it by itself, and the `default` of a module that was
 * compiled from one.
 */
export function importedValue(namespace: Readonly<Record<string, unknown>>, name: string): unknown {
  if (name === "*") return namespace;
  const { default: whole } = namespace;
  const exports = namespace["module.exports"] as Record<string, unknown> | undefined;
  if (name === "default" && exports?.__esModule && "default" in exports) return exports.default;
  if (name in namespace) return namespace[name];
  return isObject(whole) ? whole[name] : undefined;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  (typeof value === "object" && value !== null) || typeof value === "function";
