import { type FrameView, type ViewedFrame, viewFrame } from "./frame-view.ts";

// The same symbol as in show/, which this folder may not import.
const JUPYTER_DISPLAY = Symbol.for("Jupyter.display");

let render: ((view: FrameView) => unknown) | undefined;

/** Says how frames and series are shown when a notebook cell ends in one. */
export function showFramesWith(renderer: (view: FrameView) => unknown): void {
  render = renderer;
}

/** Gives what inherits from `prototype` its display method. */
export function addDisplay(prototype: object): void {
  Object.defineProperty(prototype, JUPYTER_DISPLAY, {
    value(this: ViewedFrame) {
      return render ? render(viewFrame(this)) : { "text/plain": String(this) };
    },
    configurable: true,
    writable: true,
  });
}
