import type { ServerResponse } from "node:http";

const EXPOSED = "Access-Control-Expose-Headers";

/** Notes which headers of the answer a page of another origin may see, by names and patterns. */
export function noteExposed(response: ServerResponse, patterns: readonly string[]): void {
  if (patterns.length > 0) response.setHeader(EXPOSED, [...patterns]);
}

/** The names of an answer's headers in the place of the patterns that were noted. */
export function exposeHeaders(response: ServerResponse, names: readonly string[]): void {
  const patterns = response.getHeader(EXPOSED);
  if (!Array.isArray(patterns)) return;
  const found = names.filter((name) => patterns.some((one) => covers(one, name.toLowerCase())));
  if (found.length > 0) response.setHeader(EXPOSED, found.join(","));
  else response.removeHeader(EXPOSED);
}

/** Whether a header's name in lower case is the one of a rule, which may end in `*`. */
export function covers(pattern: string, name: string): boolean {
  const lowered = pattern.toLowerCase();
  return lowered.endsWith("*") ? name.startsWith(lowered.slice(0, -1)) : name === lowered;
}
