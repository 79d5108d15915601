import type { Comm, CommData, CommExtras, CommMessage, Comms } from "../core/comm-types.ts";
import { NotelakeError } from "../core/errors.ts";

/** Under this name the notebook kernel leaves its own comms. */
const KERNEL_COMMS = Symbol.for("notelake.comms");

/**
 * Opens a channel to a widget that the front end knows by the name `target`.
 *
 * @param target name that the front end knows the widget by
 * @param data JSON that goes with the opening
 * @param extras metadata and bytes that go with it
 * @example
 * const comm = openComm("my-slider", { value: 3 });
 * comm.onMessage = ({ data }) => console.log(data.value);
 * @throws NotelakeError `NO_COMMS` outside a notebook of this kernel
 */
export function openComm(target: string, data?: CommData, extras?: CommExtras): Comm {
  return kernelComms().open(target, data, extras);
}

/**
 * Lets the front end open channels to this notebook under the name `target`; one registered before
 * under that name is replaced.
 *
 * @param target name that the front end opens channels by
 * @param opened called with each channel, and the message that opened it
 * @example
 * registerCommTarget("echo", (comm) => {
 *   comm.onMessage = ({ data }) => comm.send(data);
 * });
 * @throws NotelakeError `NO_COMMS` outside a notebook of this kernel
 */
export function registerCommTarget(
  target: string,
  opened: (comm: Comm, message: CommMessage) => void,
): void {
  kernelComms().register(target, opened);
}

function kernelComms(): Comms {
  const comms = (globalThis as Record<symbol, unknown>)[KERNEL_COMMS];
  if (comms) return comms as Comms;
  throw new NotelakeError("NO_COMMS", "there is no front end to open a comm to", {
    hint: "Run this in a cell of a notebook with the kernel TypeScript (notelake).",
  });
}
