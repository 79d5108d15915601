/**
 * In V8's REPL mode, top-level declarations are visible to every script and module of the process:
 * after `const window = 7`, packages would assume a browser, and `import { setTimeout } from
 * "node:timers/promises"` would replace the timers of all of them. So such names are declared as
 * twins: names that look the same, with one letter from another script.
 */

/** Names that packages probe to detect their environment, and that Node lacks. */
const PROBED = new Set([
  ...["window", "self", "document", "location", "parent", "top", "frames", "name", "jest"],
  ...["define", "module", "exports", "importScripts", "Deno", "Bun"],
]);

/** Whether a declaration of this name in a cell would affect other code. */
export function isNoticed(name: string): boolean {
  return name in globalThis || PROBED.has(name);
}

const LETTERS = "aceopxyijshdlqwnABCEHIJKMOPSTXYZNLURDGWV";
const TWINS = "асеорхуіјѕһԁӏԛԝոАВСЕНІЈКМОРЅТХҮΖΝᏞՍᎡᎠԌԜᏙ";

/** The name that looks the same, under which it is declared. */
export function twinOf(name: string): string {
  for (let at = 0; at < name.length; at++) {
    const twin = TWINS[LETTERS.indexOf(name.charAt(at))];
    if (twin) return name.slice(0, at) + twin + name.slice(at + 1);
  }
  return `${name}_`;
}
