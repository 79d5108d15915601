import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type RawRequest, sendRaw } from "./served-lake.ts";

/** Serves the lake kept in a folder from a process of its own, to kill; it ends with the test. */
export async function startLakeProcess(folder: string) {
  const script = join(import.meta.dirname, "lake-process.ts");
  const child = spawn(process.execPath, [script, folder], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const { port, ca } = JSON.parse(line.toString()) as { port: number; ca: string };
  const kill = async () => {
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  return { port, ca, kill, send: (request: RawRequest) => sendRaw(request, port, ca) };
}
