import { expect, test } from "vitest";
import { REDACTED, redact } from "../../src/core/redact.ts";

const token = ["eyJhbGciOiJSUzI1NiJ9", "eyJzdWIiOiJhZGEifQ", "c2lnbmF0dXJl"].join(".");

test.each([
  [`the token is ${token}.`, `the token is ${REDACTED}.`],
  ["https://a.b/c?sv=1&sig=abcDEF%2F0123456789%3D&x=1", `https://a.b/c?sv=1&sig=${REDACTED}&x=1`],
  ["Authorization: Bearer abcdefghijklmnopqrst", `Authorization: Bearer ${REDACTED}`],
  ["AccountName=x;AccountKey=QUJDREVGR0hJSktMTU4=;E=1", `AccountName=x;AccountKey=${REDACTED};E=1`],
  ["grant_type=a&client_secret=verysecret1&b=c", `grant_type=a&client_secret=${REDACTED}&b=c`],
  ['{"refresh_token": "0.AAAAbbbbcccc"}', `{"refresh_token": "${REDACTED}"}`],
])("what looks like a secret goes, the rest stays: %s", (text, clean) => {
  expect(redact(text)).toBe(clean);
});

test("a private key goes as a whole", () => {
  const label = "PRIVATE KEY";
  const pem = `-----BEGIN ${label}-----\nMIIEvQ\n-----END ${label}-----`;
  expect(redact(`before ${pem} after`)).toBe(`before ${REDACTED} after`);
});

test("a known secret goes wherever it stands; a short one would tear words apart and stays", () => {
  expect(redact("pass=hunter2hunter2; cat", ["hunter2hunter2", "cat"])).toBe(
    `pass=${REDACTED}; cat`,
  );
});

test("ordinary text is left alone", () => {
  const text = "eyJ is how a token begins; code=200, total = 3 significant figures?sig=3";
  expect(redact(text)).toBe(text);
});
