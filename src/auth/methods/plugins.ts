import { type IdentityPlugin, useIdentityPlugin } from "@azure/identity";
import { Unavailable } from "../sign-in-failure.ts";

/**
 * Registers an optional package with the Azure SDK.
 *
 * @throws Unavailable when the package is not installed, or does not run on this machine
 */
export async function plugIn(packageName: string, exported: string): Promise<void> {
  let loaded: Record<string, unknown>;
  try {
    loaded = (await import(packageName)) as Record<string, unknown>;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const missing = code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND";
    throw new Unavailable(
      missing
        ? `the package ${packageName} is not installed`
        : `the package ${packageName} does not load here (${code ?? (cause as Error).message})`,
      `run \`npm install ${packageName}\``,
    );
  }
  useIdentityPlugin(loaded[exported] as IdentityPlugin);
}
