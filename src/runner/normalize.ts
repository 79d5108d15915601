/** A pattern that differs from run to run, and its replacement while outputs are compared. */
export interface Normalization {
  readonly pattern: RegExp;
  readonly replacement: string;
}

/**
 * Patterns for common outputs that differ from run to run. Applied only while outputs are compared:
 * the file keeps real ports and times.
 */
export const DEFAULT_NORMALIZATIONS: readonly Normalization[] = [
  // Scripts of the kit's tables and charts belong to its version, not to a cell's result.
  { pattern: /<script data-notelake>.*?<\/script>/gs, replacement: "" },
  // https://127.0.0.1:43121, contosolake.dfs.core.windows.net:43121
  { pattern: /\b(localhost|(?:[\w-]+\.)+[\w-]+|\[::1\]):\d{4,5}\b/g, replacement: "$1:PORT" },
  {
    pattern: /\b((?:request|correlation|trace|activity)[-_ ]?id\W{1,4})[\da-f-]{36}\b/gi,
    replacement: "$1ID",
  },
  // UUIDs of requests, displays, operations.
  { pattern: /\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/gi, replacement: "ID" },
  // Azure's error texts end in Time:2026-11-21T05:00:24.558Z.
  {
    pattern: /\b\d{4}-\d\d-\d\d([T ])\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?/g,
    replacement: "TIME",
  },
  { pattern: /\b([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?( ?[AP]M)?\b/gi, replacement: "TIME" },
  // A duration such as (0.3 s) is printed only when it is long enough.
  { pattern: /\s\(\d+([.,]\d+)?\s?(ms|s)\)/g, replacement: "" },
  { pattern: /\b\d+([.,]\d+)?\s?(ms|µs|s|seconds?|min|minutes?)\b/g, replacement: "DURATION" },
  { pattern: /\b\d+([.,]\d+)?\s?([kMG]i?B)\/s\b/g, replacement: "RATE" },
  // Device codes of Microsoft Entra ID: nine letters and digits.
  { pattern: /\b(code )[A-Z\d]{9}\b/g, replacement: "$1CODE" },
  { pattern: /\b(?=[A-Z]*\d)(?=\d*[A-Z])[A-Z\d]{9}\b/g, replacement: "CODE" },
  { pattern: /"?\b0x[\dA-F]{14,16}\b"?/g, replacement: "ETAG" },
  { pattern: /\(node:\d+\)/g, replacement: "(node)" },
  { pattern: /(?:[A-Z]:\\|\/)\S*?[\\/]notelake-[\w-]+/g, replacement: "TEMPORARY" },
];

/** `text` with everything that differs from run to run replaced by placeholders. */
export function normalize(text: string, extra: readonly Normalization[] = []): string {
  let result = text;
  for (const { pattern, replacement } of [...extra, ...DEFAULT_NORMALIZATIONS]) {
    result = result.replace(pattern, replacement);
  }
  return result;
}
