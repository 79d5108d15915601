import { checkCloud } from "../auth/check-cloud.ts";
import { cellSignal } from "../core/cell.ts";
import type { Check } from "../core/check.ts";
import { checkMachine } from "../kernel/check-machine.ts";
import { type Displayable, shownAs } from "../show/display.ts";
import { doctorReport } from "../show/doctor-report.ts";
import { connected } from "./connection.ts";

/**
 * Checks what notebooks need: Node, the kernel, Jupyter, versions, the clock, and whether the
 * connected cloud can be reached. The value of a cell that ends in the checks is a report.
 *
 * @example
 * const checks = await doctor();
 * checks.filter(({ state }) => state !== "ok");
 */
export async function doctor(): Promise<readonly Check[] & Displayable> {
  const { cloud } = await connected();
  const checks = [...(await checkMachine()), ...(await checkCloud(cloud, cellSignal()))];
  return shownAs(checks, () => doctorReport(checks));
}
