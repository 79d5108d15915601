import type { Cloud } from "../core/cloud.ts";
import { SignInError } from "../core/errors.ts";
import type { SignInReport } from "../core/sign-in-types.ts";
import type { Failure } from "./sign-in-failure.ts";

/** Milliseconds from which the duration of an attempt is shown. */
const SLOW = 1_500;

/** The error of a failed sign-in: `failure` of its last attempt if given, else all attempts. */
export function signInError(report: SignInReport, cloud: Cloud, failure?: Failure): SignInError {
  const { attempts, restriction } = report;
  if (!failure) {
    const limited = restriction ? ` (AZURE_TOKEN_CREDENTIALS is ${restriction})` : "";
    const message = `none of ${attempts.length} credentials worked${limited}`;
    return new SignInError("NO_CREDENTIAL", message, { hint: attemptLines(report), report });
  }
  const { code, reason, remedy, status, requestId } = failure;
  const where = cloud.kind === "practice" ? "the practice cloud" : new URL(cloud.authority).host;
  const who = attempts.at(-1)?.name ?? "sign-in";
  return new SignInError(code, `${who} could not sign in to ${where}: ${reason}`, {
    report,
    ...(remedy && { hint: remedy }),
    ...(status !== undefined && { status }),
    ...(requestId !== undefined && { requestId }),
  });
}

/** Columns before a notebook wraps an error, less its indentation. */
const COLUMNS = 74;
/** Characters of a time: ` (12.5 s)`. */
const SPENT = 9;

/** The attempts as a table, a remedy on its own line where it does not fit. */
function attemptLines({ attempts }: SignInReport): string {
  const width = Math.max(...attempts.map(({ name }) => name.length));
  return attempts
    .map(({ name, reason = "signed in", remedy, milliseconds }) => {
      const spent = milliseconds >= SLOW ? ` (${(milliseconds / 1000).toFixed(1)} s)` : "";
      const columns = COLUMNS - width - 2;
      // Without the duration, which varies: lines break at the same place in each run.
      const fits = reason.length + (remedy?.length ?? 0) + SPENT + 2 <= columns;
      const end = `${spent}${remedy ? ":" : ""}`;
      const lines =
        remedy && fits
          ? `${reason}${end} ${remedy}`
          : [breakLines(reason, columns) + end, breakLines(remedy ?? "", columns)].join("\n");
      const indented = lines.trimEnd().replaceAll("\n", `\n${" ".repeat(width + 2)}`);
      return `${name.padEnd(width)}  ${indented}`;
    })
    .join("\n");
}

/** Wraps a text at word boundaries. */
function breakLines(text: string, columns: number): string {
  return text.replace(new RegExp(`(?=.{${columns + 1}})(.{1,${columns}}) `, "g"), "$1\n");
}
