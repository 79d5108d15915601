/** What stands in a text where a secret stood. */
export const REDACTED = "[redacted]";

/** A value that must not be seen, and what it is: `access token`. */
export interface KnownSecret {
  readonly kind: string;
  readonly value: string;
}

/** What a field of a form or of JSON may hold that is no secret: a placeholder, a word, code. */
const NO_SECRET = String.raw`(?!\[redacted\]|undefined\b|string\b|<|\*{3}|\$\{|process\.|[\w.]+\()`;

/** Shapes that are secrets wherever they stand; group 1, where there is one, is kept. */
const SHAPES: readonly { readonly kind: string; readonly pattern: RegExp }[] = [
  {
    // RFC 7519: two base64url JSON objects and a signature; encrypted, a key and three more parts.
    kind: "token (JWT)",
    pattern: /\beyJ[\w-]{8,}(?:\.eyJ[\w-]{8,}\.[\w-]*|\.[\w-]*\.[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,})/g,
  },
  // `eyJ` in base64, as it begins behind a header or in a cookie.
  { kind: "token (JWT) in base64", pattern: /\bZXlK[\w+/-]{60,}={0,2}/g },
  {
    kind: "signature of a shared access signature",
    pattern: /((?:^|[?&;\s"'`]|%3F|%26)sig(?:=|%3D))[\w%+/=-]{16,}/gi,
  },
  {
    kind: "bearer token",
    pattern: new RegExp(String.raw`(\bBearer\s+)${NO_SECRET}[\w.~+/-]{16,}=*`, "gi"),
  },
  // Connection strings, and the fields that hold such keys in code and JSON.
  {
    kind: "account key",
    pattern:
      /(\b(?:Account|Shared[_-]?Access|Storage|Access|Primary|Secondary)[_-]?Key["']?\s*[=:]\s*["'`]?)[\w+/]{16,}=*/gi,
  },
  // The 64 bytes of a storage account's key, in base64.
  { kind: "account key", pattern: /(?<![\w+/])[A-Za-z0-9+/]{86}==(?![\w=])/g },
  {
    kind: "password in a connection string",
    pattern: /(;\s*(?:Password|Pwd)\s*=\s*)(?!\[redacted\])[^;\s"']{4,}/gi,
  },
  {
    // Of token requests and replies.
    kind: "field of a token request",
    pattern: new RegExp(
      String.raw`((?:client_?secret|client_assertion|refresh_token|access_token|id_token|device_code|code_verifier)["']?\s*[=:]\s*["'\`]?)${NO_SECRET}[^\s"'\`&,;)}]{8,}`,
      "gi",
    ),
  },
  // Microsoft Entra ID writes its version into each client secret.
  { kind: "client secret", pattern: /(?<![\w~.-])[\w~.-]{3}[78]Q~[\w~.-]{31,34}(?![\w~.-])/g },
  {
    kind: "private key",
    pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  },
  {
    kind: "token of a code host or a registry",
    pattern: /\b(?:gh[pousr]_\w{36,}|github_pat_\w{50,}|npm_\w{36,}|glpat-[\w-]{20,})/g,
  },
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
  return redactShapes(clean, () => {});
}

/** The same for shapes alone; `onMatch` is told the kind of each that was there. */
export function redactShapes(text: string, onMatch: (kind: string) => void): string {
  let clean = text;
  for (const { kind, pattern } of SHAPES) {
    clean = clean.replace(pattern, (_match, kept?: unknown) => {
      onMatch(kind);
      return typeof kept === "string" ? kept + REDACTED : REDACTED;
    });
  }
  return clean;
}
