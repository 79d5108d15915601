const ALPHABET =
  "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

/**
 * Bytes written as Z85 (ZeroMQ RFC 32): five characters for every four bytes. At the end there may
 * be fewer: the `z85` library of Rust, with which delta-rs reads, has `#` there for each that is
 * not, in place of a leading zero. No other group can begin so.
 *
 * @returns undefined when `text` is not Z85
 */
export function decodeZ85(text: string): Buffer | undefined {
  if (text.length % 5 !== 0) return undefined;
  const bytes = Buffer.alloc((text.length / 5) * 4);
  const missing = /^#{0,3}/.exec(text.slice(-5))?.[0].length ?? 0;
  for (let at = 0; at < text.length; at += 5) {
    const absent = at + 5 === text.length ? missing : 0;
    let value = 0;
    for (const character of text.slice(at + absent, at + 5)) {
      const digit = ALPHABET.indexOf(character);
      if (digit < 0) return undefined;
      value = value * 85 + digit;
    }
    if (value >= 256 ** (4 - absent)) return undefined;
    bytes.writeUIntBE(value, (at / 5) * 4, 4 - absent);
  }
  return bytes.subarray(0, bytes.length - missing);
}
