import type { AccessToken, GetTokenOptions } from "@azure/core-auth";
import type { AuthenticationRecord } from "@azure/identity";
import type { PromptOutcome, SignInPrompt } from "../../core/sign-in-types.ts";
import { accountOf } from "../account.ts";
import {
  type Credential,
  type CredentialContext,
  credentialOptions,
  type TokenRequest,
  tokenOptions,
} from "../credential.ts";
import { CANCELLED, describeFailure } from "../sign-in-failure.ts";
import { type Remembered, remembered } from "../token-cache/remembered.ts";
import { unlessAborted } from "../traffic/signals.ts";
import type { PersonOptions } from "./person-options.ts";

/** An interactive credential of the Azure SDK, of which only `authenticate` prompts. */
export interface PersonCredential {
  getToken(scopes: string, options?: GetTokenOptions): Promise<AccessToken>;
  authenticate(
    scopes: string,
    options?: GetTokenOptions,
  ): Promise<AuthenticationRecord | undefined>;
}

export type PersonCredentialOptions = ReturnType<typeof credentialOptions> &
  Partial<Awaited<ReturnType<Remembered["credentialOptions"]>>> & {
    tenantId?: string;
    clientId?: string;
    disableAutomaticAuthentication: true;
  };

/** A prompt without its outcome. */
type OpenPrompt = SignInPrompt extends infer P
  ? P extends SignInPrompt
    ? Omit<P, "outcome">
    : never
  : never;

/** Shows a prompt, and returns a function that ends it; `interaction` ends the last one. */
export type Ask = (prompt: OpenPrompt) => (outcome: PromptOutcome) => void;

interface InteractionParts {
  readonly options: PersonOptions;
  readonly context: CredentialContext;
  /** Distinguishes remembered sign-ins, beside authority, directory and application. */
  readonly hint?: string;
  make(options: PersonCredentialOptions, ask: Ask): PersonCredential;
}

/**
 * Tokens for a person, without a prompt where possible. Requests are serialized: there is one
 * prompt at a time, and the next request finds the token of the last one.
 */
export function interaction(parts: InteractionParts): Pick<Credential, "getToken" | "forget"> {
  const { options, context, hint = "" } = parts;
  const tenantId = options.tenantId ?? context.cloud.tenantId;
  const clientId = options.clientId ?? context.cloud.clientId;
  const identity = [context.cloud.authority, tenantId ?? "", clientId ?? "", hint];
  const memory = options.remember ? remembered(options.remember, identity) : undefined;
  let settle: (outcome: PromptOutcome) => void = () => undefined;
  let credential: PersonCredential | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  const ask: Ask = (prompt) => {
    const { promise: outcome, resolve } = Promise.withResolvers<PromptOutcome>();
    settle = resolve;
    context.onPrompt({ ...prompt, outcome });
    return resolve;
  };

  async function open(): Promise<PersonCredential> {
    credential ??= parts.make(
      {
        ...credentialOptions(context),
        ...(await memory?.credentialOptions()),
        ...(tenantId && { tenantId }),
        ...(clientId && { clientId }),
        disableAutomaticAuthentication: true,
      },
      ask,
    );
    return credential;
  }

  /** Prompts again when a code expires, a few times. */
  async function prompt(person: PersonCredential, request: TokenRequest): Promise<AccessToken> {
    for (let left = MOST_CODES - 1; ; left--) {
      try {
        return await promptOnce(person, request);
      } catch (error) {
        const { code, reason } = describeFailure(error, request.recording);
        const followed = code === "CODE_EXPIRED" && left > 0;
        settle({ state: STATES[code] ?? "failed", reason, ...(followed && { followed }) });
        if (!followed) throw error;
      }
    }
  }

  async function promptOnce(person: PersonCredential, request: TokenRequest): Promise<AccessToken> {
    const { scope, recording } = request;
    // Claims of the authority must go with the new sign-in, or it refuses again.
    const claims = request.claims ?? recording.refusal?.claims;
    const asked = tokenOptions({ ...request, ...(claims !== undefined && { claims }) });
    // The signal does not end the wait for a browser, which must not block other requests.
    const record = await unlessAborted(person.authenticate(scope, asked), recording.signal);
    if (record) await memory?.keep(record);
    const token = await person.getToken(scope, tokenOptions({ scope, recording }));
    settle({ state: "signed-in", account: accountOf(token.token) });
    return token;
  }

  async function answer(request: TokenRequest): Promise<AccessToken> {
    request.recording.signal.throwIfAborted();
    const person = await open();
    try {
      return await person.getToken(request.scope, tokenOptions(request));
    } catch (error) {
      if (!(error instanceof Error) || error.name !== "AuthenticationRequiredError") throw error;
    }
    return prompt(person, request);
  }

  return {
    getToken(request) {
      const token = queue.then(() => answer(request));
      queue = token.catch(() => undefined);
      return token;
    },
    ...(memory && { forget: () => memory.forget() }),
  };
}

/** Codes that may expire, each after a quarter of an hour. */
const MOST_CODES = 3;

const STATES: Readonly<Record<string, "declined" | "expired" | "cancelled">> = {
  DECLINED: "declined",
  CODE_EXPIRED: "expired",
  [CANCELLED]: "cancelled",
};
