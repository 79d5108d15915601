import { inspect } from "node:util";

/** One thing to show, in several formats; the front end picks the richest it can. */
export interface MimeBundle {
  /** The same content for terminals, logs and headless runs. Always present. */
  readonly "text/plain": string;
  readonly "text/html"?: string;
  readonly "image/svg+xml"?: string;
  readonly "text/markdown"?: string;
}

/** Something already on the screen, to be replaced where it stands. */
export interface DisplayHandle {
  update(bundle: MimeBundle): void;
}

/**
 * An object with a method of this name, returning a MimeBundle, is shown as that bundle when it
 * is the value of a cell. Deno's Jupyter kernel has the same convention.
 */
export const JUPYTER_DISPLAY: unique symbol = Symbol.for("Jupyter.display");

/** Something that says itself how a notebook shows it. */
export interface Displayable {
  /** What is shown in its place. */
  [JUPYTER_DISPLAY](): MimeBundle;
}

/**
 * Makes a notebook show `value` as the bundle that `bundle` answers, and `console.log` print the
 * bundle's text. The methods are not enumerable, so that the value still spreads as what it is.
 */
export function shownAs<T extends object>(value: T, bundle: () => MimeBundle): T & Displayable {
  return Object.defineProperties(value, {
    [JUPYTER_DISPLAY]: { value: bundle, configurable: true },
    [inspect.custom]: { value: () => bundle()["text/plain"], configurable: true },
  }) as T & Displayable;
}

/** Under this name the notebook kernel leaves its own display function on `globalThis`. */
const KERNEL_DISPLAY = Symbol.for("notelake.display");

type Display = (bundle: MimeBundle) => DisplayHandle;

/** Shows a bundle in the running notebook cell, or its text on standard output elsewhere. */
export function display(bundle: MimeBundle): DisplayHandle {
  return (kernelDisplay() ?? print)(bundle);
}

/** Under this name the notebook kernel leaves its own function that clears. */
const KERNEL_CLEAR = Symbol.for("notelake.clearOutput");

/**
 * Removes what the running notebook cell has shown so far, or, with `wait`, when the next output
 * takes its place. Does nothing elsewhere.
 *
 * @param options `wait`: remove it only when there is something to show in its place
 * @example
 * for (const step of [1, 2, 3]) {
 *   clearOutput({ wait: true });
 *   console.log(`step ${step} of 3`);
 * }
 */
export function clearOutput(options: { wait?: boolean } = {}): void {
  const clear = (globalThis as Record<symbol, unknown>)[KERNEL_CLEAR];
  if (typeof clear === "function") clear(options);
}

/** Whether what is shown is replaced where it stands, and not printed again below. */
export function canReplace(): boolean {
  return kernelDisplay() !== undefined;
}

function kernelDisplay(): Display | undefined {
  return (globalThis as Record<symbol, unknown>)[KERNEL_DISPLAY] as Display | undefined;
}

function print(bundle: MimeBundle): DisplayHandle {
  let shown = "";
  const update = (next: MimeBundle) => {
    const text = next["text/plain"];
    if (text !== shown) process.stdout.write(`${text}\n`);
    shown = text;
  };
  update(bundle);
  return { update };
}
