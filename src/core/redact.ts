/** What stands in a text where a secret stood. */
export const REDACTED = "[redacted]";

/** Shapes that are secrets wherever they stand; group 1, where there is one, is kept. */
const SHAPES: readonly RegExp[] = [
  // A JSON Web Token: two base64url JSON objects and a signature (RFC 7519).
  /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*/g,
  // The signature of a shared access signature.
  /([?&]sig=)[\w%+/=-]{16,}/gi,
  /(\bBearer\s+)[\w.~+/-]{16,}=*/gi,
  /(\bAccountKey=)[\w+/]{16,}=*/gi,
  // Form and JSON fields of token requests and replies.
  /((?:client_secret|client_assertion|refresh_token|access_token|id_token|device_code|code_verifier)["']?\s*[=:]\s*["']?)[^\s"'&,}]{8,}/gi,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g,
];

/**
 * `text` without anything that looks like a token, key or signature, and without any of `known`,
 * the secrets whose very values the caller has at hand.
 */
export function redact(text: string, known: Iterable<string> = []): string {
  let clean = text;
  for (const secret of known) {
    if (secret.length >= 6) clean = clean.replaceAll(secret, REDACTED);
  }
  for (const shape of SHAPES) {
    clean = clean.replace(shape, (_match, kept?: unknown) =>
      typeof kept === "string" ? kept + REDACTED : REDACTED,
    );
  }
  return clean;
}
