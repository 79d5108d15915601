/** Anything shorter is too likely to stand in ordinary text. */
const SHORTEST = 8;
const SHORTEST_BASE64 = 10;

/**
 * The ways in which a secret may stand in a text: as it is, URL-encoded once and twice, as HTML and
 * JSON write it, in hexadecimal digits, and in base64, also in the midst of more. Longest first;
 * none for a value that is too short to be told from ordinary text.
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

/** `value` without URL encoding, if it has one. */
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

/** What these bytes are in base64 behind 0, 1 and 2 other ones: the characters that are all theirs. */
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
