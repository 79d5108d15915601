import type { AccessToken, GetTokenOptions } from "@azure/core-auth";
import type { PromptOutcome } from "../../core/sign-in.ts";
import { accountOf } from "../account.ts";
import { CANCELLED, describeFailure } from "../failure.ts";
import { type TokenRequest, tokenOptions } from "../way.ts";

/** What the Azure SDK's credentials for people have in common. */
export interface PersonCredential<R> {
  getToken(scopes: string, options?: GetTokenOptions): Promise<AccessToken>;
  authenticate(scopes: string, options?: GetTokenOptions): Promise<R | undefined>;
}

/** Settles the outcome of the prompt that is on the screen. */
export type Settle = (outcome: PromptOutcome) => void;

export interface InteractionOptions<R> {
  /** Made with `disableAutomaticAuthentication`, so that only `authenticate` asks a person. */
  readonly credential: PersonCredential<R>;
  /** Called with what a later process needs to sign in as the same person without a prompt. */
  readonly onRecord?: (record: R) => Promise<void>;
  /** Called once a prompt is over. */
  readonly settle: Settle;
}

/**
 * Tokens for a person: without a prompt where that is possible, and with at most one prompt on
 * the screen whatever is asked for meanwhile.
 */
export function interaction<R>({ credential, onRecord, settle }: InteractionOptions<R>) {
  let prompting: Promise<void> | undefined;

  async function prompt(request: TokenRequest): Promise<void> {
    const { scope, recording } = request;
    // When the authority itself asks for more, its claims must go with the new sign-in, or the
    // person ends where they began.
    const claims = request.claims ?? recording.refusal?.claims;
    const options = tokenOptions({ ...request, ...(claims !== undefined && { claims }) });
    try {
      const record = await credential.authenticate(scope, options);
      const { token } = await credential.getToken(scope, tokenOptions({ scope, recording }));
      settle({ state: "signed-in", account: accountOf(token) });
      if (record) await onRecord?.(record);
    } catch (error) {
      const { code, reason } = describeFailure(error, recording);
      settle({ state: STATES[code] ?? "failed", reason });
      throw error;
    }
  }

  async function getToken(request: TokenRequest): Promise<AccessToken> {
    const silently = () => credential.getToken(request.scope, tokenOptions(request));
    for (;;) {
      while (prompting) await prompting.catch(() => undefined);
      try {
        return await silently();
      } catch (error) {
        if (!(error instanceof Error) || error.name !== "AuthenticationRequiredError") throw error;
      }
      request.recording.signal.throwIfAborted();
      if (prompting) continue; // someone else got here first
      prompting = prompt(request);
      try {
        await prompting;
      } finally {
        prompting = undefined;
      }
      return await credential.getToken(
        request.scope,
        tokenOptions({ scope: request.scope, recording: request.recording }),
      );
    }
  }

  return getToken;
}

const STATES: Readonly<Record<string, "declined" | "expired" | "cancelled">> = {
  DECLINED: "declined",
  CODE_EXPIRED: "expired",
  [CANCELLED]: "cancelled",
};
