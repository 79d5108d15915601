/**
 * Key of a lake's function that returns the paths that begin with a text, directories with a slash
 * at their end. The notebook kernel completes paths in quotes with it.
 */
export const COMPLETE_PATHS: unique symbol = Symbol.for("notelake.completePaths");

export interface PathSource {
  [COMPLETE_PATHS](start: string, signal: AbortSignal): Promise<readonly string[]>;
}

export function isPathSource(value: unknown): value is PathSource {
  return typeof value === "object" && value !== null && COMPLETE_PATHS in value;
}
