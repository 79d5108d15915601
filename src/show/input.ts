import { NotelakeError } from "../core/errors.ts";

/** Under this name the notebook kernel leaves a function that asks its front end. */
const KERNEL_INPUT = Symbol.for("notelake.input");

type Ask = (message: string, password: boolean) => Promise<string>;

/**
 * Asks the person at the notebook for a line of text.
 *
 * @param message what stands before the field
 * @throws NotelakeError with code `NO_INPUT` where nobody can be asked: outside a notebook and in
 *   headless runs
 * @example
 * const name = await input("Your name: ");
 */
export function input(message = ""): Promise<string> {
  return ask(message, false);
}

/**
 * Asks the person at the notebook for a secret, which is not shown while it is typed.
 *
 * @param message what stands before the field
 * @throws NotelakeError with code `NO_INPUT` where nobody can be asked
 * @example
 * const password = await getpass("Password: ");
 */
export function getpass(message = "Password: "): Promise<string> {
  return ask(message, true);
}

async function ask(message: string, password: boolean): Promise<string> {
  const match = (globalThis as Record<symbol, unknown>)[KERNEL_INPUT] as Ask | undefined;
  try {
    if (match) return await match(message, password);
  } catch (cause) {
    if ((cause as { code?: string }).code !== "STDIN_NOT_ALLOWED") throw cause;
  }
  throw new NotelakeError("NO_INPUT", `nobody can be asked here: ${message.trim()}`, {
    hint: "Run the cell in a front end such as JupyterLab, or set the value in the notebook.",
  });
}
