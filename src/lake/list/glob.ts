import picomatch from "picomatch";
import { joinPath, nameOf, parentOf } from "../url/location.ts";

/**
 * A pattern of paths, such as `sales/**\/*.parquet`: `*` and `?` within one name, `**` over any
 * number of directories, `[ab]` and `{a,b}`. A name that begins with a dot is only matched by a
 * pattern that writes the dot. A backslash before a special character takes it literally.
 */
export interface Glob {
  /** The directory below which every match lies; empty for the root. */
  readonly base: string;
  matches(path: string): boolean;
  /** How much of what lies below this directory, itself below `base`, can match. */
  reach(directory: string): "none" | "some" | "all";
}

/** `[!a]` and `[[:digit:]]` as the shell has them. */
const SYNTAX = { posix: true };

/** A pattern, or the plain path when `text` has no special character. */
export function parseGlob(text: string): Glob | string {
  const pattern = text.replace(/^\/+|\/+$/g, "");
  if (!/[*?[\]{}()\\]/.test(pattern)) return pattern;
  const segments = pattern.split("/");
  const special = segments.findIndex((segment) => picomatch.scan(segment).isGlob);
  const literally = (segment: string) => segment.replace(/\\(.)/g, "$1");
  if (special < 0) return segments.map(literally).join("/");
  const base = segments.slice(0, special).map(literally).reduce(joinPath, "");
  const matches = picomatch(pattern, SYNTAX);
  return {
    base,
    matches: (path) => path !== base && matches(path),
    reach: reachOf(segments, special),
  };
}

/** The same glob, which also matches hidden names in the directories where a match can be. */
export function withHidden(glob: Glob): Glob {
  const isLookedAt = (path: string) =>
    nameOf(path).startsWith(".") && glob.reach(parentOf(path)) !== "none";
  return { ...glob, matches: (path) => glob.matches(path) || isLookedAt(path) };
}

/** Compares a directory with the pattern name by name, up to the first `**`. */
function reachOf(segments: readonly string[], special: number): Glob["reach"] {
  // With a slash inside braces or parentheses the pattern cannot be split at slashes.
  if (!segments.every(isBalanced)) return () => "all";
  const deep = segments.findIndex((segment) => segment.includes("**"));
  const end = deep < 0 ? segments.length - 1 : deep;
  const matchers = segments.slice(special, end).map((segment) => picomatch(segment, SYNTAX));
  // `**` does not match hidden directories, unless a later segment begins with a dot.
  const hidden = segments.slice(end).some((segment) => /^[.{([]/.test(segment));
  const isOpen = (name: string) => hidden || !name.startsWith(".");
  return (directory) => {
    const names = directory ? directory.split("/").slice(special) : [];
    const fits = matchers
      .slice(0, names.length)
      .every((matches, index) => matches(names[index] ?? ""));
    if (!fits) return "none";
    if (deep < 0) return names.length <= matchers.length ? "some" : "none";
    const below = names.slice(matchers.length);
    if (!below.every(isOpen)) return "none";
    return names.length >= matchers.length ? "all" : "some";
  };
}

function isBalanced(segment: string): boolean {
  const count = (pattern: RegExp) => segment.match(pattern)?.length ?? 0;
  return count(/[{(]/g) === count(/[})]/g);
}
