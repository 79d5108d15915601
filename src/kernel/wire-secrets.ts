type Tell = (kind: string, value: string) => void;

/** Secret fields of forms and JSON, and their kinds. */
const FIELDS: Readonly<Record<string, string>> = {
  access_token: "access token",
  refresh_token: "refresh token",
  id_token: "id token",
  client_secret: "client secret",
  client_assertion: "client assertion",
  device_code: "device code",
  code_verifier: "code verifier",
  password: "password",
  secretText: "client secret",
  accountSasToken: "shared access signature",
  serviceSasToken: "shared access signature",
};

const JSON_FIELD = new RegExp(
  String.raw`"(${Object.keys(FIELDS).join("|")})"\s*:\s*"((?:[^"\\]|\\.)*)"`,
  "g",
);
const FORM_FIELD = new RegExp(`(?:^|&)(${Object.keys(FIELDS).join("|")})=([^&]+)`, "g");
const SIGNATURE = /[?&]sig=([^&\s"]+)/g;

/** Replies that contain secrets, by path, and the pattern of the secret. */
const VALUES: readonly { path: RegExp; kind: string; value: RegExp }[] = [
  {
    path: /\/(?:listKeys|regenerateKey)\b/i,
    kind: "account key",
    value: /"value"\s*:\s*"([^"]+)"/g,
  },
  {
    path: /[?&]comp=userdelegationkey\b/i,
    kind: "user delegation key",
    value: /<Value>([^<]+)<\/Value>/g,
  },
  // Azure Key Vault.
  {
    path: /^\/secrets\/[^?]+/i,
    kind: "secret of a vault",
    value: /"value"\s*:\s*"((?:[^"\\]|\\.)*)"/g,
  },
];

/** Reports the secrets in the body, a header or the path of a request. */
export function secretsInRequest(text: string, tell: Tell): void {
  noteFields(text, tell);
  for (const [, signature = ""] of text.matchAll(SIGNATURE)) {
    tell("signature of a shared access signature", signature);
  }
  const [, name = "", value = ""] = /^([\w-]+): (?:Bearer )?([\s\S]+)$/.exec(text) ?? [];
  if (/^authorization$/i.test(name) && / Bearer /.test(text)) tell("access token", value);
  if (/^(x-identity-header|secret)$/i.test(name)) tell("identity header", value);
}

export function secretsInReply(path: string, body: string, tell: Tell): void {
  noteFields(body, tell);
  for (const { path: asked, kind, value } of VALUES) {
    if (!asked.test(path)) continue;
    for (const [, match = ""] of body.matchAll(value)) tell(kind, unescapeJson(match));
  }
}

function noteFields(text: string, tell: Tell): void {
  for (const [, name = "", value = ""] of text.matchAll(JSON_FIELD)) {
    const secret = unescapeJson(value);
    tell(FIELDS[name] ?? name, secret);
    const [, signature] = /(?:^|[?&])sig=([^&]+)/.exec(secret) ?? [];
    if (signature) tell("signature of a shared access signature", signature);
  }
  for (const [, name = "", value = ""] of text.matchAll(FORM_FIELD)) {
    tell(FIELDS[name] ?? name, new URLSearchParams(`v=${value}`).get("v") ?? value);
  }
}

function unescapeJson(text: string): string {
  try {
    return JSON.parse(`"${text}"`);
  } catch {
    return text;
  }
}
