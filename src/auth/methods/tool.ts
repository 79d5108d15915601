import type { AccessToken, TokenCredential } from "@azure/core-auth";
import type { Cloud } from "../../core/cloud.ts";
import { SignInError } from "../../core/errors.ts";
import { EXPLANATIONS } from "../../core/explanations.ts";
import { type Credential, tokenOptions } from "../credential.ts";
import { locate, type Program } from "../locate-program.ts";
import { Unavailable } from "../sign-in-failure.ts";

/** Tools take seconds: `az` starts Python, `pwsh` loads a module. */
const TIMEOUT_MILLISECONDS = 20_000;

/** A command-line tool with a sign-in. */
interface Tool extends Pick<Credential, "method" | "name"> {
  readonly program: Program;
  readonly make: (settings: { tenantId?: string; processTimeoutInMs: number }) => TokenCredential;
  /** Command that signs in. */
  readonly login: string;
  /** Message of the Azure SDK or the tool when nobody is signed in. */
  readonly signedOut: RegExp;
}

/** The user of a tool. */
export function toolCredential(
  cloud: Cloud,
  { tenantId }: { tenantId?: string },
  tool: Tool,
): Credential {
  const { method, name, program, make } = tool;
  const timeout = TIMEOUT_MILLISECONDS;
  const credential = make({ ...(tenantId && { tenantId }), processTimeoutInMs: timeout });
  return {
    method,
    name,
    timeout,
    async getToken(request) {
      await locate(program, cloud);
      // The practice cloud's `az` says nothing about a real one.
      const nobody =
        cloud.kind === "practice"
          ? `nobody is signed in with the practice cloud's ${program.command}`
          : `${program.command} is installed but nobody is signed in`;
      return explained(credential.getToken(request.scope, tokenOptions(request)), tool, nobody);
    },
  };
}

/** The tool's token. @throws Unavailable or SignInError with a remedy */
async function explained(
  token: Promise<AccessToken | null>,
  { login, signedOut }: Tool,
  nobody: string,
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

/** The login command at the end of the Azure SDK's message, claims included. */
function commandIn(message: string, login: string): string {
  const at = message.lastIndexOf(login);
  return `Run \`${at < 0 ? login : message.slice(at).trim()}\`.`;
}
