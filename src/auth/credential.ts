import type { AccessToken } from "@azure/core-auth";
import type { Cloud } from "../core/cloud.ts";
import type { SignInMethod, SignInPrompt } from "../core/sign-in-types.ts";
import type { Recording } from "./traffic/recording.ts";
import { signInTraffic } from "./traffic/sign-in-traffic.ts";

/** A request for a token. */
export interface TokenRequest {
  readonly scope: string;
  /** Claims challenge of a service, as JSON text. */
  readonly claims?: string;
  readonly tenantId?: string;
  readonly recording: Recording;
}

/** A credential. */
export interface Credential {
  readonly method: SignInMethod;
  readonly name: string;
  /** Why it replaces the requested method; like method and name, known once it gave a token. */
  readonly reason?: string | undefined;
  /** Whether a refusal ends the automatic chain. */
  readonly decisive?: boolean;
  /** Time limit in milliseconds; none where a person takes part. */
  readonly timeout?: number;
  /** @throws Unavailable when it is not set up; any other error when it is, and was refused */
  getToken(request: TokenRequest): Promise<AccessToken>;
  /** Removes the sign-in that is kept for other processes. */
  forget?(): Promise<void>;
}

export interface CredentialContext {
  readonly cloud: Cloud;
  readonly onPrompt: (prompt: SignInPrompt) => void;
}

/** Options of an Azure SDK credential for `cloud`. A new object each time: some are changed. */
export function credentialOptions({ cloud }: CredentialContext) {
  return {
    authorityHost: cloud.authority,
    // Instance discovery knows Microsoft's authorities only.
    disableInstanceDiscovery: cloud.kind === "practice",
    httpClient: signInTraffic,
    retryOptions: { maxRetries: 2, retryDelayInMs: 400 },
  };
}

/**
 * Options for `getToken` of the Azure SDK. Always with `enableCae`, as its pipelines do: tokens
 * with and without it are in different caches.
 */
export function tokenOptions({ claims, tenantId, recording }: TokenRequest) {
  return {
    enableCae: true,
    abortSignal: recording.signal,
    ...(claims !== undefined && { claims }),
    ...(tenantId !== undefined && { tenantId }),
  };
}
