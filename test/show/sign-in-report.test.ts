import { expect, test } from "vitest";
import type { SignInReport } from "../../src/core/sign-in-types.ts";
import { signInReport } from "../../src/show/sign-in-report.ts";

const attempts = [
  {
    method: "managed-identity",
    name: "ManagedIdentity",
    outcome: "unavailable",
    milliseconds: 1004,
    code: "NOT_AVAILABLE",
    reason: "no answer from 169.254.169.254 in 1 s",
    remedy: "normal off Azure",
  },
  {
    method: "azure-cli",
    name: "AzureCli",
    outcome: "failed",
    milliseconds: 640,
    code: "REFUSED",
    reason: "<script>alert(1)</script>",
    remedy: "run `az login`",
  },
] as const;

const signedIn: SignInReport = {
  cloud: "practice",
  milliseconds: 1700,
  method: "client-secret",
  attempts: [
    attempts[0],
    { method: "client-secret", name: "ClientSecret", outcome: "signed-in", milliseconds: 56 },
  ],
  account: {
    kind: "service",
    name: "nightly-load",
    username: "5e441ce0-11ab-4a11-9b00-c0de00000002",
    tenantId: "7a1c5e8d-0b52-4c7e-9f7d-3d1c2b4a6e10",
    objectId: "5e441ce0-11ab-4a11-9b00-c0de000000a2",
  },
  expiresOn: new Date("2026-03-01T14:05:59Z"),
};

test("as text: who, what was tried, why not, what to do", () => {
  expect(signInReport(signedIn)["text/plain"]).toBe(
    `Signed in to the practice cloud as nightly-load (1.7 s)
  application  5e441ce0-11ab-4a11-9b00-c0de00000002
  tenant       7a1c5e8d-0b52-4c7e-9f7d-3d1c2b4a6e10
  object id    5e441ce0-11ab-4a11-9b00-c0de000000a2
  token until  2026-03-01 14:05 UTC, renewed by itself
  – ManagedIdentity  no answer from 169.254.169.254 in 1 s (1.0 s)
                     normal off Azure
  ✓ ClientSecret     signed in (56 ms)`,
  );
});

test("says why another credential took the place of the one that was asked for", () => {
  const attempt = {
    ...({
      method: "device-code",
      name: "DeviceCode",
      outcome: "signed-in",
      milliseconds: 9000,
    } as const),
    reason: "no browser window opens here",
  } as const;
  const { "text/plain": text = "", "text/html": html = "" } = signInReport({
    ...signedIn,
    attempts: [attempt],
  });
  expect(text).toContain("✓ DeviceCode  signed in: no browser window opens here (9.0 s)");
  expect(html).toContain(">Credential</th>");
  expect(html).toContain("No browser window opens here");
});

test("when nobody is signed in, and the environment shortened the chain", () => {
  const report = { cloud: "china", attempts, milliseconds: 1650, restriction: "dev" } as const;
  expect(signInReport(report)["text/plain"].split("\n")[0]).toBe(
    "Not signed in to Azure (china): 2 credentials tried, with AZURE_TOKEN_CREDENTIALS=dev (1.6 s)",
  );
});

test("as HTML: one row an attempt, commands set as code, nothing let through", () => {
  const html = signInReport({ cloud: "public", attempts, milliseconds: 1650 })["text/html"] ?? "";
  expect(html.match(/<tr /g)).toHaveLength(attempts.length);
  expect(html).toContain("Normal off Azure");
  expect(html).toMatch(/Run <code [^>]*>az login<\/code>/);
  expect(html).toContain("&lt;script&gt;");
  expect(html).not.toContain("<script>");
});
