import type { AzureErrorCodes } from "./azure-codes.ts";
import type { DataErrorCodes } from "./data-codes.ts";
import type { SignInErrorCodes } from "./sign-in-codes.ts";
import type { ToolErrorCodes } from "./tool-codes.ts";

/**
 * Every `code` that an error of notelake may carry, with what it means, what to do, and the names of
 * the classes of errors that have it. Codes are stable, and meant for programs.
 *
 * @example
 * import { LakeError } from "notelake";
 *
 * try {
 *   await lake.readText("notes.txt");
 * } catch (error) {
 *   if (!(error instanceof LakeError) || error.code !== "NOT_FOUND") throw error;
 * }
 */
export interface ErrorCodes
  extends SignInErrorCodes,
    AzureErrorCodes,
    DataErrorCodes,
    ToolErrorCodes {}

/** The name of one of `ErrorCodes`. */
export type ErrorCode = keyof ErrorCodes;
