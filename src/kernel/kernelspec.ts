import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { SOURCE_CONDITION } from "./compiler-host.ts";

/** Name under which Jupyter and notebooks know the kernel. */
export const KERNEL_NAME = "notelake";
export const KERNEL_DISPLAY_NAME = "TypeScript (notelake)";

/** What a front end needs for highlighting and for exporting as a script. */
export const LANGUAGE = {
  name: "typescript",
  version: "5.0.4",
  mimetype: "text/typescript",
  file_extension: ".ts",
  pygments_lexer: "typescript",
  // JupyterLab looks the mode up by name, the classic notebook hands it to CodeMirror.
  codemirror_mode: { mode: "typescript", name: "javascript", typescript: true },
  nbconvert_exporter: "script",
};

/** Exit code of a kernel that found one of its ports taken. */
export const EXIT_PORT_TAKEN = 98;

const isSource = import.meta.url.endsWith(".ts");

/** The command that starts a kernel; the connection file's path follows it. */
export function kernelCommand(): string[] {
  const launcher = new URL(isSource ? "./launcher.ts" : "./launcher.js", import.meta.url);
  return [
    process.execPath,
    ...(isSource ? [`--conditions=${SOURCE_CONDITION}`] : []),
    "--disable-warning=ExperimentalWarning",
    fileURLToPath(launcher),
  ];
}

/**
 * Writes the folder that lets Jupyter find the kernel: `dir` has to be on `JUPYTER_PATH`.
 *
 * @returns the kernelspec's own folder, `dir/kernels/notelake`
 */
export async function writeKernelspec(dir: string): Promise<string> {
  const folder = join(dir, "kernels", KERNEL_NAME);
  await mkdir(folder, { recursive: true });
  const spec = {
    argv: [...kernelCommand(), "{connection_file}"],
    display_name: KERNEL_DISPLAY_NAME,
    language: LANGUAGE.name,
    interrupt_mode: "signal",
    metadata: { debugger: false },
  };
  await writeFile(join(folder, "kernel.json"), `${JSON.stringify(spec, null, 1)}\n`);
  return folder;
}
