import type { AccessToken } from "@azure/core-auth";
import type { Cloud } from "../../core/cloud.ts";
import { SignInError } from "../../core/errors.ts";
import { EXPLANATIONS } from "../../core/explanations.ts";
import { Unavailable } from "../sign-in-failure.ts";

/** The tools need seconds: `az` starts Python, `pwsh` loads a module. */
export const TOOL_TIMEOUT_MILLISECONDS = 20_000;

/** The practice cloud's own `az` says nothing of whether there is another. */
export function nobodySignedIn(command: string, { kind }: Cloud): string {
  return kind === "practice"
    ? `nobody is signed in with the practice cloud's ${command}`
    : `${command} is installed but nobody is signed in`;
}

interface ToolWords {
  /** Command that signs in. */
  readonly login: string;
  /** What the Azure SDK or the tool says when nobody is signed in. */
  readonly signedOut: RegExp;
  readonly nobody: string;
}

/** The tool's token, or the reason why there is none in words that lead somewhere. */
export async function toldByTool(
  token: Promise<AccessToken | null>,
  { login, signedOut, nobody }: ToolWords,
): Promise<AccessToken> {
  try {
    const answer = await token;
    if (answer) return answer;
    throw new Unavailable(nobody, `run \`${login}\``);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (/claims challenge|multi-factor|reauthentication/i.test(message)) {
      const { code, reason } = EXPLANATIONS.interaction_required ?? unexplained;
      throw new SignInError(code, reason, { hint: commandIn(message, login) });
    }
    if (signedOut.test(message)) throw new Unavailable(nobody, `run \`${login}\``);
    if (/Unexpected end of JSON input/.test(message)) {
      throw new Unavailable("the tool ended without an answer", `run \`${login}\` and try again`);
    }
    throw error;
  }
}

const unexplained = {
  code: "INTERACTION_REQUIRED",
  reason: "another sign-in step is asked for",
} as const;

/** The Azure SDK spells the whole command out, claims included, at the end of its message. */
function commandIn(message: string, login: string): string {
  const at = message.lastIndexOf(login);
  return `Run \`${at < 0 ? login : message.slice(at).trim()}\`.`;
}
