import type { RefusalReason } from "../service-refusal.ts";

/** Which service a request is for; the lake's by their dialects. */
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
  /** Object id; `$superuser` for who signs with an account key. */
  readonly id: string;
  /** `ada@contoso.com` for a user, the display name otherwise. */
  readonly name: string;
}

/**
 * What the parts that answer a request write down of it, as soon as they know. None of it is
 * secret.
 */
export interface RequestNotes {
  service?: ServiceName;
  /** What is asked for, in the service's own words. */
  operation?: string;
  principal?: Requester;
  /** What the request carries to prove who makes it, whether it holds or not. */
  proof?: "token" | "account key" | "signature" | "none";
  /** Error code of the answer. */
  code?: string;
  /** The decisions that refused it; empty when the request itself is at fault. */
  reasons?: readonly RefusalReason[];
  /** Requests inside it, which have answers of their own. */
  parts?: readonly (RequestNotes & { readonly status: number })[];
}

/** Parameters whose values prove something: signatures, codes, tokens, assertions, secrets. */
const SECRETS =
  /^(sig|code|state|nonce|code_challenge|code_verifier|password)$|token|assertion|secret|session/i;

/** A page of a listing is named by a token that opens nothing. */
const HARMLESS = /^\$skiptoken$/i;

/** Longer ones are cut, so that nobody fills the memory with them. */
const MAX_LENGTH = 2_000;

/**
 * A URL without what proves who asks, whatever way its names are encoded.
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
