import type { AccessToken } from "@azure/core-auth";
import type { Cloud } from "../core/cloud.ts";
import type { SignInMethod, SignInPrompt } from "../core/sign-in-types.ts";
import type { Recording } from "./traffic/recording.ts";
import { signInTraffic } from "./traffic/sign-in-traffic.ts";

/** What one request for a token asks. */
export interface TokenRequest {
  readonly scope: string;
  /** A server's answer that more is asked, as a JSON text. */
  readonly claims?: string;
  readonly tenantId?: string;
  readonly recording: Recording;
}

/** A method to sign in, ready to be asked for tokens. */
export interface Credential {
  readonly method: SignInMethod;
  readonly name: string;
  /** Why it is another one than was asked for; with its method and name, known once it gave a token. */
  readonly reason?: string | undefined;
  /** In the automatic chain, being set up and refused ends the search. */
  readonly decisive?: boolean;
  /** Milliseconds after which an attempt is given up; absent where a person takes part. */
  readonly timeout?: number;
  /**
   * @throws Unavailable when it is not set up here; anything else means that it is, and
   *   was refused
   */
  getToken(request: TokenRequest): Promise<AccessToken>;
  /** Forgets what it remembers between processes. */
  forget?(): Promise<void>;
}

/** What every credential is made with. */
export interface CredentialContext {
  readonly cloud: Cloud;
  readonly onPrompt: (prompt: SignInPrompt) => void;
}

/** Options of an Azure SDK credential for `cloud`. A new object each time: some are changed. */
export function credentialOptions({ cloud }: CredentialContext) {
  return {
    authorityHost: cloud.authority,
    // Only Microsoft's own authorities are listed in its directory of authorities.
    disableInstanceDiscovery: cloud.kind === "practice",
    httpClient: signInTraffic,
    retryOptions: { maxRetries: 2, retryDelayInMs: 400 },
  };
}

/**
 * What a credential is asked with. Tokens with and without `enableCae` sit in different caches,
 * and the pipelines of the Azure SDK ask with it, so everything here does.
 */
export function tokenOptions({ claims, tenantId, recording }: TokenRequest) {
  return {
    enableCae: true,
    abortSignal: recording.signal,
    ...(claims !== undefined && { claims }),
    ...(tenantId !== undefined && { tenantId }),
  };
}
