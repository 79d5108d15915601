import type { RefusalReason } from "../service-refusal.ts";

/** The service of a request; of the lake, its endpoint. */
export type ServiceName =
  | "authority"
  | "management"
  | "dfs"
  | "blob"
  | "gen1"
  | "metadata"
  | "proxy"
  | "pages";

/** Who makes a request. */
export interface Requester {
  /** Object id; `$superuser` for an account key. */
  readonly id: string;
  /** `ada@contoso.com` for a user, the display name otherwise. */
  readonly name: string;
}

/** Facts about a request, which its handlers add. None is secret. */
export interface RequestNotes {
  service?: ServiceName;
  /** Name of the operation in the service's reference. */
  operation?: string;
  principal?: Requester;
  /** Its authentication, valid or not. */
  proof?: "token" | "account key" | "signature" | "none";
  /** Error code of the answer. */
  code?: string;
  /** The decisions that refused it; empty for an invalid request. */
  reasons?: readonly RefusalReason[];
  /** Requests of a batch. */
  parts?: readonly (RequestNotes & { readonly status: number })[];
}

/** Parameters with secrets: signatures, codes, tokens, assertions. */
const SECRETS =
  /^(sig|code|state|nonce|code_challenge|code_verifier|password)$|token|assertion|secret|session/i;

/** A continuation token, which is no secret. */
const HARMLESS = /^\$skiptoken$/i;

/** Longer ones are truncated, to limit memory. */
const MAX_LENGTH = 2_000;

/**
 * A URL without secrets, however its names are encoded.
 *
 *     https://contosolake.dfs.core.windows.net/raw/a.csv?sp=r&sig=REDACTED
 */
export function withoutSecrets({ origin, pathname, searchParams }: URL): string {
  const shown = new URLSearchParams();
  for (const [name, value] of searchParams) {
    const isSecret = SECRETS.test(name) && !HARMLESS.test(name);
    shown.append(name, isSecret ? "REDACTED" : value);
  }
  const query = shown.size > 0 ? `?${shown}` : "";
  const url = origin + pathname + query;
  return url.length > MAX_LENGTH ? `${url.slice(0, MAX_LENGTH)}…` : url;
}
