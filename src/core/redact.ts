/** Replacement of a secret. */
export const REDACTED = "[redacted]";

/** A secret, and its kind: `access token`. */
export interface KnownSecret {
  readonly kind: string;
  readonly value: string;
}

/** Values of fields that are no secrets: a placeholder, a word, code. */
const NO_SECRET = String.raw`(?!\[redacted\]|undefined\b|string\b|<|\*{3}|\$\{|process\.|[\w.]+\()`;

/** Patterns of secrets; group 1, if present, is kept. */
const SHAPES: readonly { readonly kind: string; readonly pattern: RegExp }[] = [
  {
    // RFC 7519: two base64url JSON objects and a signature; or encrypted, with five parts.
    kind: "token (JWT)",
    pattern: /\beyJ[\w-]{8,}(?:\.eyJ[\w-]{8,}\.[\w-]*|\.[\w-]*\.[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,})/g,
  },
  // A JWT encoded in base64 again, as in some headers and cookies.
  { kind: "token (JWT) in base64", pattern: /\bZXlK[\w+/-]{60,}={0,2}/g },
  {
    kind: "signature of a shared access signature",
    pattern: /((?:^|[?&;\s"'`]|%3F|%26)sig(?:=|%3D))[\w%+/=-]{16,}/gi,
  },
  {
    kind: "bearer token",
    pattern: new RegExp(String.raw`(\bBearer\s+)${NO_SECRET}[\w.~+/-]{16,}=*`, "gi"),
  },
  // Connection strings, and fields with such keys in code and JSON.
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
  // Client secrets of Microsoft Entra ID have a version in them.
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

/** Redacts what looks like a token, key or signature, and the secrets `known`. */
export function redact(text: string, known: Iterable<string> = []): string {
  let clean = text;
  for (const secret of known) {
    if (secret.length >= 6) clean = clean.replaceAll(secret, REDACTED);
  }
  return redactShapes(clean, () => {});
}

/** The same by patterns only; `onMatch` is called with the kind of each. */
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
