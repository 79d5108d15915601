import { afterEach, beforeEach, vi } from "vitest";
import type { MimeBundle } from "../../src/show/display.ts";

const KERNEL = Symbol.for("notelake.display");

/** What tests of a notebook show, each update too, in a kernel whose clock they turn. */
export function recordDisplays(): MimeBundle[] {
  const shown: MimeBundle[] = [];
  const globals = globalThis as Record<symbol, unknown>;
  beforeEach(() => {
    shown.length = 0;
    const show = (bundle: MimeBundle) => shown.push(bundle);
    globals[KERNEL] = (bundle: MimeBundle) => {
      show(bundle);
      return { update: show };
    };
    vi.useFakeTimers();
  });
  afterEach(() => {
    delete globals[KERNEL];
    vi.useRealTimers();
  });
  return shown;
}
