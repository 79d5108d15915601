import { readCommandLine } from "../core/command-line.ts";
import { doctorReport } from "../show/doctor-report.ts";
import { print } from "./command.ts";

const HELP = `notelake doctor

Checks Node.js, the kernel, Jupyter, the clock, the cloud that the settings name
(the practice cloud without any) and whether somebody can sign in to it. Exit
code 1 when something does not work.
`;

export async function run(args: string[]): Promise<number> {
  const { values } = readCommandLine("doctor", args, {
    options: { help: { type: "boolean", short: "h" } },
  });
  if (values.help) return print(HELP);
  const { doctor } = await import("../connect/doctor.ts");
  const checks = await doctor();
  print(doctorReport(checks, process.stdout.columns)["text/plain"]);
  return checks.some(({ state }) => state === "failed") ? 1 : 0;
}
