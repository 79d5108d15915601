/**
 * Under this name a lake has a function that answers the paths which begin with a text, those of
 * directories with a slash at their end. The notebook kernel offers them inside of quotes.
 */
export const COMPLETE_PATHS: unique symbol = Symbol.for("notelake.completePaths");

/** Something that knows paths, such as a lake. */
export interface PathSource {
  [COMPLETE_PATHS](start: string, signal: AbortSignal): Promise<readonly string[]>;
}

export function isPathSource(value: unknown): value is PathSource {
  return typeof value === "object" && value !== null && COMPLETE_PATHS in value;
}
