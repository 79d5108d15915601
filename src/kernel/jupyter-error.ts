import { NotelakeError } from "../core/errors.ts";

/** JupyterLab could not be found, made or started, or a kernel not be installed for it. */
export class JupyterError extends NotelakeError {
  override readonly name = "JupyterError";
}
