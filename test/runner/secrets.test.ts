import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { environmentSecrets, isSecretName } from "../../src/runner/environment-secrets.ts";
import { Redactor } from "../../src/runner/redactor.ts";
import { runNotebook } from "../../src/runner/run.ts";
import { formsOf } from "../../src/runner/secret-forms.ts";

const fixture = (name: string) => join(import.meta.dirname, "fixtures", `${name}.ipynb`);

describe.concurrent("a secret that an authority issued fails the cell that shows it", () => {
  test("saying what it is, and storing nothing of it", async ({ expect }) => {
    const { lines, error } = await show(["refresh token by fetch, zipped"]);
    expect(error).toBe(
      "issued-secrets.ipynb, cell 4 (id cell-4): SecretInOutput: the cell shows what must stay secret: refresh token; nothing of it is stored",
    );
    expect(lines).toEqual(["refresh token by fetch, zipped before [redacted] after"]);
  });

  test("in whatever form, and however it came into the kernel", async ({ expect }) => {
    const forms = [
      "client secret",
      "client secret in base64",
      "client secret in basic",
      "account key",
      "account key in a URL",
      "account key in hexadecimal",
      "account key in HTML",
      "refresh token by http",
      "refresh token by fetch",
      "refresh token in base64url",
      "refresh token in a URL",
    ];
    const { lines, error } = await show(forms);
    for (const kind of ["client secret", "account key", "refresh token"]) {
      expect(error).toContain(kind);
    }
    expect(lines).toHaveLength(forms.length);
    for (const [at, form] of forms.entries()) {
      expect(lines[at]).toMatch(new RegExp(`^${form} before .{0,40}\\[redacted\\].{0,12} after$`));
    }
  });

  test("and a notebook that shows none passes", async ({ expect }) => {
    expect(await show([])).toEqual({ lines: ["nothing secret"], error: undefined });
  });
});

async function show(forms: readonly string[]) {
  const env = { WHAT_IS_SHOWN: forms.join("; ") };
  const { error, notebook } = await runNotebook(fixture("issued-secrets"), { env });
  const [output] = notebook.cells[3]?.outputs ?? [];
  const lines = output && "text" in output ? output.text.join("").trimEnd().split("\n") : [];
  return { lines, error: error?.message.split("\n")[0] };
}

describe("secrets of the environment", () => {
  let folder: string;
  let file: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "notelake-secrets-"));
    file = join(folder, "token");
    await writeFile(file, "");
  });
  afterAll(() => rm(folder, { recursive: true }));
  const values = (env: Record<string, string>) => environmentSecrets(env).map((each) => each.value);

  test.each(["/Ab3+x9/Q==kk", "~Tq8hidden.secret", "./relative-looking", "plain-secret-1"])(
    "whatever they begin with: %s",
    (secret) => {
      expect(environmentSecrets({ MY_CLIENT_SECRET: secret })).toEqual([
        { kind: "value of the variable MY_CLIENT_SECRET", value: secret },
      ]);
    },
  );

  test.each([
    "DB_PASSWORD",
    "GITHUB_TOKEN",
    "AZURE_STORAGE_KEY",
    "AZURE_STORAGE_CONNECTION_STRING",
    "LAKE_SAS",
    "IDENTITY_HEADER",
    "DB_PASS",
    "AZURE_DEVOPS_PAT",
  ])("%s holds one", (name) => {
    expect(values({ [name]: "0123456789abcdef" })).toEqual(["0123456789abcdef"]);
  });

  test("places are none, but the password in an address is", () => {
    expect(values({ AZURE_FEDERATED_TOKEN_FILE: "/var/run/nowhere" })).toEqual([]);
    expect(values({ CREDENTIALS: file })).toEqual([]);
    expect(values({ TOKEN_ENDPOINT: "https://login.example/x" })).toEqual([]);
    expect(values({ MAX_TOKENS: "1000000000" })).toEqual([]);
    expect(values({ PASSWORD_URL: "https://u:hunter2hunter2@h/x" })).toEqual(["hunter2hunter2"]);
  });

  test.each([
    ["clientSecret", true],
    ["accountKey", true],
    ["lakeSas", true],
    ["maxTokens", false],
    ["tokenPath", false],
    ["monkey", false],
  ])("a parameter %s is secret: %s", (name, secret) => {
    expect(isSecretName(name)).toBe(secret);
  });

  test("parts of a connection string count alone", () => {
    const key = "bm90LWEtcmVhbC1rZXk=";
    const connection = `DefaultEndpointsProtocol=https;AccountName=x;AccountKey=${key};E=y`;
    expect(values({ A_CONNECTION_STRING: connection })).toEqual([connection, key]);
  });
});

describe("shapes of secrets", () => {
  const key = `${"Ab3+x9/Q".repeat(10)}Zk7+Qw==`;
  const jwt = ["eyJhbGciOiJSUzI1NiJ9", "eyJzdWIiOiJhZGEifQ", "c2lnbmF0dXJl"].join(".");
  const find = (text: string) => {
    const kinds: string[] = [];
    const clean = new Redactor(() => []).clean(text, (kind) => kinds.push(kind));
    return { kinds, clean };
  };

  test.each([
    ["{ accountKey: 'Ab3+x9/QAb3+x9/QAb3+x9/Q==' }", "account key"],
    [`key1 is ${key}.`, "account key"],
    ["Endpoint=sb://x/;SharedAccessKey=Ab3+x9/QAb3+x9/Q=", "account key"],
    ["Server=x;User=y;Password=hunter2;", "password in a connection string"],
    [`the token: ${jwt}`, "token (JWT)"],
    [Buffer.from(jwt.repeat(2)).toString("base64"), "token (JWT) in base64"],
    ["?sv=2024&sig=Ab1%2FAb1%2FAb1%2FAb1%2F", "signature of a shared access signature"],
    ["sv%3D2024%26sig%3DAb1cAb1cAb1cAb1cAb1c", "signature of a shared access signature"],
    ["-----BEGIN PRIVATE KEY-----\nMIIE\nabc\n", "private key"],
    ["abc8Q~0123456789012345678901234567890", "client secret"],
  ])("%s", (text, kind) => {
    const { kinds, clean } = find(text);
    expect(kinds).toEqual([kind]);
    expect(clean).toContain("[redacted]");
    // What is clean stays so, and is not found again.
    expect(find(clean)).toEqual({ kinds: [], clean });
  });

  test.each([
    "const accountKey: string = readKey(name)",
    "client_secret: process.env.AZURE_CLIENT_SECRET",
    "refresh_token: undefined",
    "sha256 of the file: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "https://x/y?sig=[redacted]&se=2027",
    "sig = 3 significant figures",
  ])("are not in: %s", (text) => {
    expect(find(text)).toEqual({ kinds: [], clean: text });
  });

  test("are found where a key stands in several lines, and not in the bytes of a picture", () => {
    const redactor = new Redactor(() => []);
    const pem = ["-----BEGIN PRIVATE KEY-----\n", "MIIEvQ\n", "-----END PRIVATE KEY-----\n", "on"];
    const outputs = [
      { output_type: "stream" as const, name: "stdout" as const, text: pem },
      { output_type: "display_data" as const, data: { "image/png": `${key}\n` }, metadata: {} },
    ];
    const [stream, picture] = redactor.outputs(outputs);
    expect(stream).toMatchObject({ text: ["[redacted]\n", "on"] });
    expect(picture).toEqual(outputs[1]);
    expect(redactor.problem(outputs)?.evalue).toBe(
      "the cell shows what must stay secret: private key; nothing of it is stored",
    );
  });
});

test("a value in base64 is found wherever in it it begins", () => {
  const secret = "kX8~not-for-anybodys-eyes";
  for (const before of ["", "a", "ab", "abc"]) {
    for (const after of ["", "z", "zz"]) {
      const text = Buffer.from(before + secret + after).toString("base64");
      expect(formsOf(secret).some((form) => text.includes(form))).toBe(true);
    }
  }
  expect(formsOf("short")).toEqual([]);
});
