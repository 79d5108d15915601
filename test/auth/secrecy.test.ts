import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { inspect } from "node:util";
import { AzureLogger, setLogLevel } from "@azure/logger";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { SignInOptions } from "../../src/auth/methods.ts";
import { signInTo } from "../../src/auth/sign-in-to.ts";
import { SignInError } from "../../src/core/errors.ts";
import type { SignInPrompt } from "../../src/core/sign-in-types.ts";
import { signInCard } from "../../src/show/sign-in-card.ts";
import { signInReport } from "../../src/show/sign-in-report.ts";
import { openPractice, type Practice } from "./practice.ts";
import { readWire } from "./wire.ts";

let { practice, cloud } = {} as Practice;
let folder: string;
let wire: ReturnType<typeof readWire>;
const shown: string[] = [];
const loggedBefore = AzureLogger.log;
beforeAll(async () => {
  ({ practice, cloud } = await openPractice({ approveDeviceCodesAs: "ada@contoso.com" }));
  folder = await mkdtemp(join(tmpdir(), "notelake-secrecy-"));
  wire = readWire();
  setLogLevel("verbose");
  AzureLogger.log = (...parts) => void show("log", parts);
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, "write").mockImplementation((text) => {
      shown.push(String(text));
      return true;
    });
  }
});
afterAll(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  setLogLevel(undefined);
  AzureLogger.log = loggedBefore;
  wire.stop();
  await practice.close();
  await rm(folder, { recursive: true });
});

/** Keeps a value in every form in which a notebook, a log or a debugger would show it. */
function show(what: string, value: unknown): void {
  const deep = inspect(value, { depth: 30, showHidden: true, maxStringLength: null });
  shown.push(what, deep, String(value));
  if (value instanceof Error) shown.push(value.stack ?? "", JSON.stringify(value));
}

async function attempt(options: SignInOptions): Promise<string[]> {
  const onPrompt = (prompt: SignInPrompt) => {
    show("prompt", prompt);
    show("card", signInCard(prompt));
    void prompt.outcome.then((outcome) => show("card", signInCard(prompt, outcome)));
  };
  try {
    const session = await signInTo(cloud, { ...options, onPrompt });
    const tokens = await Promise.all([
      session.tokenFor("storage"),
      session.tokenFor("management"),
      session.tokenFor("gen1"),
    ]);
    show("session", session);
    shown.push(JSON.stringify(session));
    show("report", signInReport(session.report));
    return tokens;
  } catch (error) {
    show("error", error);
    if (error instanceof SignInError && error.report) show("report", signInReport(error.report));
    return [];
  }
}

test("no secret that was issued or sent is in anything that is shown or logged", async () => {
  const { service, certificateFile, federatedTokenFile, programs } = practice.description;
  const { clientId, clientSecret } = service;
  const tokens: string[] = [];
  const ways: SignInOptions[] = [
    { method: "client-secret", ...service },
    { method: "certificate", clientId, path: certificateFile, sendChain: true },
    { method: "workload-identity", clientId, tokenFile: federatedTokenFile },
    { method: "device-code", remember: { folder } },
    { method: "browser" },
    { method: "managed-identity" },
    { method: "azure-cli" },
    { method: "azure-developer-cli" },
    { method: "azure-powershell" },
  ];
  vi.stubEnv("PATH", `${programs}${delimiter}${process.env.PATH}`);
  vi.stubEnv("BROWSER", join(programs, "browser"));
  for (const name of ["az", "azd", "pwsh"] as const) {
    await practice.programs.signIn(name, "grace@contoso.com");
  }
  for (const way of ways) {
    const issued = await attempt(way);
    expect(issued, way.method).toHaveLength(3);
    tokens.push(...issued);
  }
  // The same again, refused in every way there is.
  const wrong = "a~wrong.secret-0123456789";
  await attempt({ method: "client-secret", clientId, clientSecret: wrong });
  for (const fault of [
    { kind: "refuse", reason: "expired-secret" },
    { kind: "refuse", reason: "mfa-required" },
    { kind: "refuse", reason: "bad-issuer" },
    { kind: "status", on: "token", status: 429, retryAfter: 60 },
    { kind: "reset", on: "token" },
  ] as const) {
    const { remove } = practice.faults.add(fault);
    for (const way of ways.slice(0, 3)) await attempt({ ...way, timeout: 1_000 });
    for (const way of ways.slice(6)) await attempt({ ...way, timeout: 3_000 });
    remove();
  }

  const seen = [...wire.secrets].map(([field, values]) => [field, [...values]] as const);
  expect(seen.map(([field]) => field)).toEqual(
    expect.arrayContaining([
      "access_token",
      "refresh_token",
      "id_token",
      "client_secret",
      "client_assertion",
      "device_code",
      "code_verifier",
      "code",
    ]),
  );
  const key = (await readFile(certificateFile, "utf8")).match(/PRIVATE KEY-----\s+(\S+)/)?.[1];
  const secrets = new Set([
    ...seen.flatMap(([, values]) => values),
    ...tokens,
    clientSecret,
    wrong,
    key ?? expect.unreachable("no key"),
    await readFile(federatedTokenFile, "utf8"),
  ]);
  expect(secrets.size).toBeGreaterThan(40);
  const everything = shown.join("\n");
  expect(everything.length).toBeGreaterThan(100_000);
  const leaked = [...secrets].filter((secret) => contains(everything, secret));
  expect(leaked.map((secret) => `${secret.slice(0, 12)}… (${secret.length} characters)`)).toEqual(
    [],
  );
});

/** A token also leaks when only its payload or signature is seen. */
function contains(text: string, secret: string): boolean {
  const parts = /^eyJ/.test(secret) ? secret.split(".").filter((part) => part.length > 60) : [];
  const forms = [secret, encodeURIComponent(secret), ...parts.slice(-2)];
  return forms.some((form) => text.includes(form));
}
