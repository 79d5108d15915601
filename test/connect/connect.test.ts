import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");
let temporary: string;

beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), "notelake-connect-"));
});
afterAll(() => rm(temporary, { recursive: true }));

/** Runs a program that imports the package by name, as a user's own would. */
async function program(body: string, environment: NodeJS.ProcessEnv = {}) {
  const env = { ...process.env, NOTELAKE_HEADLESS: "1", TMPDIR: temporary, ...environment };
  const flags = ["--conditions=notelake-source", "--disable-warning=ExperimentalWarning"];
  const source = `import * as notelake from "notelake";\n${body}`;
  const args = [...flags, "--input-type=module", "--eval", source];
  return (await run(process.execPath, args, { cwd: root, env, timeout: 25_000 })).stdout;
}

const report = (body: string) =>
  `try { ${body} } catch (error) { console.log(String(error), error.code); }`;

test("the practice cloud of a program ends with it and leaves nothing behind", async () => {
  const output = await program(`
    import { readdirSync } from "node:fs";
    const cloud = await notelake.connect();
    const me = await notelake.signIn({ method: "device-code" });
    const lake = notelake.openLake("raw");
    for await (const entry of lake.list()) console.log("entry", entry.path);
    console.log(me.account.username, cloud.kind, "folders", readdirSync(process.env.TMPDIR).join());
  `);
  expect(output).toMatch(/ada@contoso\.com practice folders notelake-practice-/);
  expect(output).toMatch(/^entry \w+/m);
  const folder = /folders (\S+)/.exec(output)?.[1] ?? "";
  expect(existsSync(join(temporary, folder))).toBe(false);
});

test("signing in connects by itself, and opening a lake before that says what to do", async () => {
  expect(await program(report(`notelake.openLake("raw")`))).toMatch(
    /CloudError \[NOT_CONNECTED\]: no cloud to open raw in\n {2}Call `await connect\(\)` first/,
  );
  const signedIn = `console.log((await notelake.signIn({ method: "client-secret" })).account.kind)`;
  expect(await program(signedIn)).toMatch(/^service$/m);
});

test("nobody signed in is said before anything is sent", async () => {
  const output = await program(report(`await notelake.connect(); notelake.openLake("raw")`));
  expect(output).toMatch(/LakeError \[UNAUTHENTICATED\]: nobody is signed in to contosolake/);
});

test("a wrong client secret is refused by name and not repeated", async () => {
  const output = await program(
    report(
      `await notelake.signIn({ method: "client-secret", clientSecret: "wrong-${"x".repeat(9)}" })`,
    ),
  );
  expect(output).toMatch(/SignInError \[BAD_SECRET\]/);
  expect(output).not.toContain("wrong-");
});

test("a practice cloud that is not running is named with its remedy", async () => {
  const file = join(temporary, "gone.json");
  const output = await program(report(`await notelake.connect()`), { NOTELAKE_PRACTICE: file });
  expect(output).toMatch(/CloudError \[NO_PRACTICE\]: the practice cloud of .*gone\.json/);
  expect(output).toMatch(/npx notelake practice/);
});

test("the settings of real Azure need no practice cloud and show as such", async () => {
  const output = await program(`
    const cloud = await notelake.connect({ cloud: "us-government", account: "agency" });
    console.log(cloud[Symbol.for("Jupyter.display")]()["text/plain"], cloud.authority);
  `);
  expect(output).toBe(
    "Azure US Government (real data, real costs) · agency https://login.microsoftonline.us\n",
  );
});

test("a collected listing is an array that shows itself as a table", async () => {
  const output = await program(`
    await notelake.signIn({ method: "device-code" });
    const found = await notelake.collect(notelake.openLake("raw").list("*/*.csv"));
    console.log("paths", found.map(({ path }) => path).join());
    console.log(found[Symbol.for("Jupyter.display")]()["text/plain"]);
  `);
  expect(output).toMatch(/^paths airlines\/airlines\.csv,bad\/.*,weather\/seattle\.csv$/m);
  expect(output).toMatch(/^path +size +modified \(UTC\)$/m);
  expect(output).toMatch(/^4 files of /m);
});

test("in Azure itself nothing is changed unless the call says so, and nothing is even sent", async () => {
  const output = await program(`
    const credential = { getToken: async () => { console.log("asked for a token"); return null; } };
    await notelake.connect({ cloud: "public", account: "real", subscriptionId: "s" });
    const lake = notelake.openLake("raw", { credential });
    const subscription = notelake.openSubscription({ credential });
    const accounts = notelake.openAccounts({ credential, resourceGroup: "g" });
    for (const change of [
      () => lake.write("a", ""), () => lake.append("a", ""), () => lake.upload("a", "a"),
      () => lake.copy("a", "b"), () => lake.move("a", "b"), () => lake.remove("a"),
      () => lake.mkdir("a"), () => lake.setAcl("a", []), () => lake.createFileSystem(),
      () => lake.deleteFileSystem(),
      () => subscription.createResourceGroup("g", { location: "x" }),
      () => subscription.deleteResourceGroup("g"), () => subscription.grantRole({}),
      () => subscription.revokeRole({}), () => accounts.create("a", {}),
      () => accounts.update("a", {}), () => accounts.delete("a"),
    ]) await change().catch((error) => console.log(error.code ?? error));
    console.log(lake.url, subscription.id);
    await lake.write("a", "").catch((error) => console.log(String(error)));
  `);
  expect(output).not.toContain("asked for a token");
  const lines = output.trim().split("\n");
  expect(lines.filter((line) => line === "READ_ONLY")).toHaveLength(17);
  expect(output).toContain("abfss://raw@real.dfs.core.windows.net/ s");
  expect(output).toMatch(/opened for reading, so it has no write\n {2}This is Azure itself\./);
});

test("in the practice cloud a lake may be changed, unless it is opened for reading", async () => {
  const output = await program(`
    await notelake.connect();
    await notelake.signIn({ method: "device-code" });
    await notelake.openLake("raw").write("note.txt", "kept");
    const reader = notelake.openLake("raw", { writable: false });
    await reader.write("note.txt", "lost", { overwrite: true }).catch((e) => console.log(e.code, e.hint));
    console.log(await reader.readText("note.txt"));
  `);
  expect(output).toMatch(/^READ_ONLY It was opened with \{ writable: false \}.*\nkept$/m);
});

test("who may change everything but roles is told which role gives roles", async () => {
  const output = await program(`
    await notelake.connect();
    await notelake.signIn({ method: "client-secret" });
    const grant = { role: "Reader", principalId: "3a2f0000-5d3a-4f0e-8a51-0d9a1b2c3d04" };
    await notelake.openSubscription().grantRole(grant).catch((e) => console.log(e.code, e.hint));
  `);
  expect(output).toMatch(/^FORBIDDEN .*\nGiving and taking roles needs "Owner" or "User Access/m);
});
