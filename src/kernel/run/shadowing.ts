/**
 * What a cell declares at its top is, in V8's REPL mode, seen by every script and module of the
 * process: `const window = 7` would make packages believe that they run in a browser, and
 * `import { setTimeout } from "node:timers/promises"` would take the timers from all of them. So names
 * that mean something to others are declared under a twin: a name of the same length and look, with
 * one letter of another script.
 */

/** Names by which packages tell where they run, although Node does not have them. */
const PROBED = new Set([
  ...["window", "self", "document", "location", "parent", "top", "frames", "name", "jest"],
  ...["define", "module", "exports", "importScripts", "Deno", "Bun"],
]);

/** Whether others than cells would notice if a cell declared this name. */
export function isNoticed(name: string): boolean {
  return name in globalThis || PROBED.has(name);
}

const LETTERS = "aceopxyijshdlqwnABCEHIJKMOPSTXYZNLURDGWV";
const TWINS = "асеорхуіјѕһԁӏԛԝոАВСЕНІЈКМОРЅТХҮΖΝᏞՍᎡᎠԌԜᏙ";

/** The name under which it is declared. */
export function twinOf(name: string): string {
  for (let at = 0; at < name.length; at++) {
    const twin = TWINS[LETTERS.indexOf(name.charAt(at))];
    if (twin) return name.slice(0, at) + twin + name.slice(at + 1);
  }
  return `${name}_`;
}
