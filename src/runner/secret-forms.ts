/** Minimum length of a secret in characters: a shorter one may occur in ordinary text. */
const SHORTEST = 8;
const SHORTEST_BASE64 = 10;

/**
 * The encodings in which a secret may occur in a text: as it is, URL-encoded once and twice, HTML-
 * and JSON-escaped, hexadecimal, and base64, also within a longer base64 value. Longest first; none
 * when the value is too short.
 */
export function formsOf(value: string): string[] {
  if (value.length < SHORTEST) return [];
  const forms = new Set<string>();
  for (const form of [value, decoded(value)]) {
    const url = encodeURIComponent(form.toWellFormed());
    forms.add(form).add(url).add(encodeURIComponent(url));
    forms.add(url.replace(/%[\dA-F]{2}/g, (code) => code.toLowerCase()));
    forms.add(url.replaceAll("%20", "+"));
    forms.add(JSON.stringify(form).slice(1, -1));
    forms.add(html(form)).add(html(form).replaceAll("+", "&#43;").replaceAll("=", "&#61;"));
    const bytes = Buffer.from(form);
    forms.add(bytes.toString("hex"));
    for (const text of base64Of(bytes)) {
      forms.add(text).add(text.replaceAll("+", "-").replaceAll("/", "_"));
      forms.add(encodeURIComponent(text));
    }
  }
  return [...forms].sort((a, b) => b.length - a.length);
}

/** `value`, URL-decoded if possible. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function html(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** Base64 of these bytes after 0, 1 and 2 others: the characters that depend on them alone. */
function base64Of(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((before) => {
    const all = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    const own = all.slice(
      Math.ceil((before * 8) / 6),
      Math.floor(((before + bytes.length) * 8) / 6),
    );
    return own.length >= SHORTEST_BASE64 ? [own] : [];
  });
}
