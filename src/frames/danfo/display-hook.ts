import { inspect } from "node:util";
import { type FrameView, type ViewedFrame, viewFrame } from "./view-frame.ts";

// The same symbol as in show/, which this folder may not import.
const JUPYTER_DISPLAY = Symbol.for("Jupyter.display");

/** MIME types to content. */
type FrameBundle = { readonly "text/plain": string };

let render: ((view: FrameView) => FrameBundle) | undefined;

/** Says how frames and series are shown when a notebook cell ends in one. */
export function showFramesWith(renderer: (view: FrameView) => FrameBundle): void {
  render = renderer;
}

/** Gives what inherits from `prototype` its display method, of which `console.log` prints the text. */
export function addDisplay(prototype: object): void {
  const method = { configurable: true, writable: true };
  Object.defineProperties(prototype, {
    [JUPYTER_DISPLAY]: {
      ...method,
      value(this: ViewedFrame) {
        return bundleOf(this);
      },
    },
    [inspect.custom]: {
      ...method,
      value(this: ViewedFrame) {
        return bundleOf(this)["text/plain"];
      },
    },
  });
}

function bundleOf(frame: ViewedFrame): FrameBundle {
  return render ? render(viewFrame(frame)) : { "text/plain": String(frame) };
}
