import { realpathSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The export condition under which `notelake` is its TypeScript source. */
export const SOURCE_CONDITION = "notelake-source";

/** Name of the kernel in Jupyter and notebooks. */
export const KERNEL_NAME = "notelake";
export const KERNEL_DISPLAY_NAME = "TypeScript (notelake)";

/** `language_info`, for highlighting and for exports as scripts. */
export const LANGUAGE = {
  name: "typescript",
  version: "7.0.2",
  mimetype: "text/typescript",
  file_extension: ".ts",
  pygments_lexer: "typescript",
  // JupyterLab uses the name, the classic notebook passes it to CodeMirror.
  codemirror_mode: { mode: "typescript", name: "javascript", typescript: true },
  nbconvert_exporter: "script",
};

/** Exit code of a kernel when one of its ports is in use. */
export const EXIT_PORT_TAKEN = 98;

const isSource = import.meta.url.endsWith(".ts");

/** The command that starts a kernel, without the connection file. */
export function kernelCommand(): string[] {
  const launcher = new URL(isSource ? "./launcher.ts" : "./launcher.js", import.meta.url);
  return [
    process.execPath,
    ...(isSource ? [`--conditions=${SOURCE_CONDITION}`] : []),
    "--disable-warning=ExperimentalWarning",
    // Half of V8's default: 30 MiB less, and as fast.
    "--max-semi-space-size=8",
    // Without it Node exits when an interrupt terminates the callback of a timer.
    "--no-force-async-hooks-checks",
    fileURLToPath(launcher),
  ];
}

export interface KernelspecNames {
  /** Name of the kernelspec's folder, and of the kernel in a notebook's metadata. */
  readonly name?: string;
  /** Name in front ends. */
  readonly displayName?: string;
}

/** Value of `metadata.installed_by` in our kernelspecs. */
export const INSTALLED_BY = "notelake";

/** Icons in the sizes of front ends. */
const LOGO = new URL("../../src/kernel/logo/", import.meta.url);
/** Files of a kernelspec; `kernel.json` comes last, when the others are there. */
export const KERNELSPEC_FILES = [
  "logo-svg.svg",
  "logo-32x32.png",
  "logo-64x64.png",
  "kernel.json",
] as const;

/**
 * Writes the kernelspec `dir/kernels/notelake`; `dir` must be a data folder of Jupyter. Files are
 * replaced atomically, and a failure leaves no incomplete kernelspec.
 *
 * @returns the kernelspec's own folder
 */
export async function writeKernelspec(
  dir: string,
  { name = KERNEL_NAME, displayName = KERNEL_DISPLAY_NAME }: KernelspecNames = {},
): Promise<string> {
  const folder = join(dir, "kernels", name);
  const made = await mkdir(folder, { recursive: true });
  try {
    for (const file of KERNELSPEC_FILES) {
      const content =
        file === "kernel.json" ? ownKernelspec(displayName) : await readFile(new URL(file, LOGO));
      await replaceFile(join(folder, file), content);
    }
  } catch (error) {
    if (made) await rm(made, { recursive: true, force: true });
    throw error;
  }
  return folder;
}

function ownKernelspec(displayName: string): string {
  const metadata = { debugger: false, installed_by: INSTALLED_BY };
  return kernelspec(displayName, kernelCommand(), "message", metadata);
}

/**
 * The content of `kernel.json` for a kernel of TypeScript.
 *
 * @param command starts it, without the connection file
 * @param interruptMode how Jupyter interrupts it
 */
export function kernelspec(
  displayName: string,
  command: readonly string[],
  interruptMode: "message" | "signal",
  metadata: Readonly<Record<string, unknown>> = {},
): string {
  const spec = {
    argv: [...command.map(lastingPath), "{connection_file}"],
    display_name: displayName,
    language: LANGUAGE.name,
    interrupt_mode: interruptMode,
    metadata,
  };
  return `${JSON.stringify(spec, null, 1)}\n`;
}

/** Replaces a file atomically. */
export async function replaceFile(path: string, content: string | Buffer): Promise<void> {
  const temporary = `${path}.${process.pid}`;
  try {
    await writeFile(temporary, content);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    // The error of a full disk has no path.
    throw Object.assign(error as NodeJS.ErrnoException, { path });
  }
}

/**
 * The path of a program that stays the same after an update.
 *
 * pnpm and Homebrew have a folder for each version, and a link to the current one:
 *
 *     app/node_modules/.pnpm/notelake@0.1.0/node_modules/notelake/…  →  app/node_modules/notelake/…
 *     /opt/homebrew/Cellar/node/24.1.0/bin/node                      →  /opt/homebrew/opt/node/bin/node
 */
export function lastingPath(path: string): string {
  const candidates = [
    path.replace(/([\\/]node_modules[\\/])\.pnpm[\\/][^\\/]+[\\/]node_modules[\\/]/, "$1"),
    path.replace(/[\\/]Cellar([\\/][^\\/]+)[\\/][^\\/]+/, "/opt$1"),
  ];
  return candidates.find((candidate) => candidate !== path && isSame(candidate, path)) ?? path;
}

function isSame(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    return false; // does not exist: a package that only another package depends on
  }
}
