import { NotelakeError } from "../core/errors.ts";

/** JupyterLab could not be found, installed or started, or a kernel not be installed. */
export class JupyterError extends NotelakeError {
  override readonly name = "JupyterError";
}
