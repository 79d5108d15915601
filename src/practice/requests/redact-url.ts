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
