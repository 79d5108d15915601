import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { signInTo } from "../../src/auth/sign-in-to.ts";
import { EncryptedStore } from "../../src/auth/token-cache/encrypted-store.ts";
import type { SignInPrompt } from "../../src/core/sign-in-types.ts";
import { openPractice, type Practice } from "./practice.ts";

const REMEMBERING = new URL("./remembering-process.ts", import.meta.url);
const COUNTING = new URL("./counting-process.ts", import.meta.url);
const DYING = new URL("./dying-process.ts", import.meta.url);

let { practice, cloud } = {} as Practice;
let folder: string;
beforeAll(async () => {
  ({ practice, cloud } = await openPractice({ approveDeviceCodesAs: "ada@contoso.com" }));
});
afterAll(() => practice.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "notelake-remember-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** Signs in, and tells how many prompts that took. */
async function signIn(remember: boolean | { folder: string } = { folder }) {
  const prompts: SignInPrompt[] = [];
  const session = await signInTo(cloud, {
    method: "device-code",
    remember,
    onPrompt: (prompt) => prompts.push(prompt),
  });
  return { session, prompts: prompts.length };
}

/** Runs a script in a process of its own; answers what it printed. */
function run(script: URL, ...input: unknown[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const file = fileURLToPath(script);
    const flags = ["--conditions=notelake-source", "--disable-warning=ExperimentalWarning"];
    const child = spawn(process.execPath, [...flags, file, ...input.map((i) => JSON.stringify(i))]);
    let output = "";
    child.stdout.on("data", (data) => {
      output += data;
    });
    child.stderr.on("data", (data) => {
      output += data;
    });
    child.on("error", reject);
    child.on("exit", () => resolve(output.trim()));
  });
}

test("a remembered sign-in needs no second prompt, and one that is not does", async () => {
  expect((await signIn(false)).prompts).toBe(1);
  expect((await signIn()).prompts).toBe(1);
  const again = await signIn();
  expect(again.prompts).toBe(0);
  expect(again.session.account.username).toBe("ada@contoso.com");
  expect((await signIn(false)).prompts).toBe(1);
});

test("another process goes on with it, for a service nobody asked for yet", async () => {
  await signIn();
  expect(await run(REMEMBERING, cloud, folder)).toBe("0 prompts, ada@contoso.com");
});

test("signing out clears it for every process", async () => {
  const { session } = await signIn();
  await session.signOut();
  await expect(session.tokenFor("storage")).rejects.toMatchObject({ code: "SIGNED_OUT" });
  expect(await run(REMEMBERING, cloud, folder)).toBe("1 prompts, ada@contoso.com");
});

test("the files are their owner's alone, and tell nothing", async () => {
  const { session } = await signIn();
  const token = await session.tokenFor("storage");
  const names = await readdir(folder);
  expect(names.sort()).toEqual(["sign-ins.db", "sign-ins.key"]);
  for (const name of names) {
    const file = join(folder, name);
    if (process.platform !== "win32") expect((await stat(file)).mode & 0o777).toBe(0o600);
    const content = await readFile(file, "latin1");
    for (const secret of [token, "ada@contoso.com", cloud.tenantId, "RefreshToken"]) {
      expect(content).not.toContain(secret);
    }
  }
});

test("by default, what is sealed and its key lie in two folders of the person's own", async () => {
  const [state, config] = [join(folder, "state"), join(folder, "config")];
  vi.stubEnv("XDG_STATE_HOME", state);
  vi.stubEnv("XDG_CONFIG_HOME", config);
  expect((await signIn(true)).prompts).toBe(1);
  expect((await signIn(true)).prompts).toBe(0);
  vi.unstubAllEnvs();
  expect(await readdir(join(state, "notelake"))).toEqual(["sign-ins.db"]);
  expect(await readdir(join(config, "notelake"))).toEqual(["sign-ins.key"]);
});

test("another key, or a damaged file's entry, means a prompt and no error", async () => {
  await signIn();
  await writeFile(join(folder, "sign-ins.key"), Buffer.alloc(32, 7));
  expect((await signIn()).prompts).toBe(1);
  expect((await signIn()).prompts).toBe(0);
});

test.each([
  ["an emptied database", "sign-ins.db", Buffer.alloc(0)],
  ["rubbish for a database", "sign-ins.db", Buffer.alloc(5000, "x")],
  ["half a database", "sign-ins.db", 5000],
  ["a database with a damaged page", "sign-ins.db", damagePage],
  ["an emptied key", "sign-ins.key", Buffer.alloc(0)],
  ["half a key", "sign-ins.key", 16],
])("%s means one prompt, and is remembered from then on", async (_what, name, damage) => {
  await signIn();
  const file = join(folder, name);
  const content = await readFile(file);
  if (typeof damage === "number") await writeFile(file, content.subarray(0, damage));
  else await writeFile(file, Buffer.isBuffer(damage) ? damage : damage(content));
  expect((await signIn()).prompts).toBe(1);
  expect((await signIn()).prompts).toBe(0);
  expect(await run(REMEMBERING, cloud, folder)).toBe("0 prompts, ada@contoso.com");
});

function damagePage(content: Buffer): Buffer {
  return Buffer.from(content).fill(0xa5, 4096 + 8);
}

test("a folder that nothing can be kept in is refused before anybody is asked", async () => {
  await mkdir(join(folder, "sign-ins.db"));
  const prompts: SignInPrompt[] = [];
  const onPrompt = (prompt: SignInPrompt) => prompts.push(prompt);
  const options = { method: "device-code", remember: { folder }, onPrompt } as const;
  const error = await signInTo(cloud, options).catch((cause) => cause);
  expect(error).toMatchObject({ name: "SignInError", code: "STORE_UNUSABLE" });
  expect(error.message).toContain(join(folder, "sign-ins.db"));
  expect(prompts).toHaveLength(0);
});

test("processes that write at once lose nothing", async () => {
  const files = { database: join(folder, "counts.db"), key: join(folder, "counts.key") };
  const rounds = 25;
  const outputs = await Promise.all(Array.from({ length: 4 }, () => run(COUNTING, files, rounds)));
  expect(outputs).toEqual(["done", "done", "done", "done"]);
  expect(await new EncryptedStore(files).read("count")).toBe(String(4 * rounds));
});

test("kernels that sign in at once leave a sign-in that works", async () => {
  await signIn();
  const kernels = Array.from({ length: 4 }, () => run(REMEMBERING, cloud, folder));
  expect(new Set(await Promise.all(kernels))).toEqual(new Set(["0 prompts, ada@contoso.com"]));
  expect((await signIn()).prompts).toBe(0);
});

test("a process that dies while it holds the store does not lock the others out", async () => {
  const files = { database: join(folder, "counts.db"), key: join(folder, "counts.key") };
  expect(await run(DYING, files)).toBe("holding");
  const change = await new EncryptedStore(files).change();
  expect(await change.read("count")).toBeUndefined();
  change.end();
});
