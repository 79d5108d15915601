import { execFileSync, fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { lakeClient, serveCloud } from "./served-cloud.ts";

const CLI = join(import.meta.dirname, "../../src/cli.ts");
const FLAGS = ["--conditions=notelake-source", "--disable-warning=ExperimentalWarning"];
const isRoot = process.geteuid?.() === 0;

let home: string;
let dir: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "notelake-kept-"));
  dir = join(home, "cloud");
});
afterEach(() => rmSync(home, { recursive: true }));

/** Content and facts of a folder, to see whether anything in it was touched. */
function snapshot(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    names.map((entry) => {
      const file = join(entry.parentPath, entry.name);
      return [file, entry.isFile() ? readFileSync(file, "latin1") : "folder"];
    }),
  );
}

describe("the kept folder of a practice cloud", () => {
  it("keeps ports, certificates and credentials over a restart, and is where they are", async () => {
    const first = await serveCloud({ dir });
    const { description, settingsFile } = first.cloud;
    expect(readFileSync(first.caFile, "utf8")).toBe(first.ca);
    await first.close();
    const second = await serveCloud({ dir });
    expect(second.cloud.description).toEqual(description);
    expect(second.cloud.settingsFile).toBe(settingsFile);
    expect(existsSync(join(dir, "practice.json"))).toBe(true);
    await second.close();
  });

  it("takes other ports where somebody else has those of the last run", async () => {
    const first = await serveCloud({ dir });
    await first.close();
    const server = createServer().listen(first.port, "127.0.0.1");
    await once(server, "listening");
    const second = await serveCloud({ dir });
    expect(second.port).not.toBe(first.port);
    expect(second.pages).toBe(first.pages);
    await second.close();
    server.close();
  });

  it("goes on with all that was in it when it was killed", async () => {
    const child = fork(CLI, ["practice", "--dir", dir], { execArgv: FLAGS, silent: true });
    let output = "";
    child.stdout?.on("data", (data) => {
      output += data;
    });
    while (!output.includes("Ctrl-C stops it"))
      await once(child.stdout as NodeJS.ReadStream, "data");
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
    const caFile = /CA certificate: +(.*)/.exec(output)?.[1] ?? "";
    const ca = readFileSync(caFile, "utf8");
    const next = await serveCloud({ dir });
    expect(next.ca).toBe(ca);
    expect(output).toContain(next.origin);
    expect(output).toContain(next.pages);
    const names = [];
    for await (const { name } of (await lakeClient(next, "ada@contoso.com")).listFileSystems()) {
      names.push(name);
    }
    expect(names).toContain("raw");
    await next.close();
  });

  it("is its owner's alone, whatever its mode and the umask were", async () => {
    mkdirSync(dir, { mode: 0o755 });
    chmodSync(dir, 0o777);
    const before = process.umask(0);
    try {
      const served = await serveCloud({ dir });
      const client = await lakeClient(served, "ada@contoso.com");
      const files = client.getFileSystemClient("raw");
      for (const size of [10, 200_000]) {
        await files.getFileClient(`of-${size}`).upload(Buffer.alloc(size, 7));
      }
      const open = readdirSync(dir, { recursive: true })
        .map(String)
        .filter((name) => (statSync(join(dir, name)).mode & 0o077) !== 0);
      expect(open.filter((name) => !name.startsWith("lake/gen2/contosolake/bytes"))).toEqual([]);
      expect(open).toEqual([]);
      expect(statSync(dir).mode & 0o777).toBe(0o700);
      await served.close();
    } finally {
      process.umask(before);
    }
  });

  it("holds no key that signs certificates", async () => {
    const served = await serveCloud({ dir });
    await served.close();
    const secrets = JSON.parse(readFileSync(join(dir, "secrets.json"), "utf8"));
    expect(secrets.ca).toBe(served.ca);
    const keys = JSON.stringify(secrets).match(/BEGIN PRIVATE KEY/g);
    expect(keys).toHaveLength(2); // the server's and the service application's
  });

  it("lets no second one in, and says who is there", async () => {
    const first = await serveCloud({ dir });
    const error = await serveCloud({ dir }).catch((cause) => cause);
    expect(error).toMatchObject({ name: "PracticeError", code: "IN_USE" });
    expect(error.message).toContain(`runs in ${dir} already: process ${process.pid} of `);
    await first.close();
    await (await serveCloud({ dir })).close();
  });

  it("makes anew what a start has left that came to no end", async () => {
    mkdirSync(join(dir, "lake/gen2"), { recursive: true });
    writeFileSync(join(dir, "folder.json"), '{"format":4,"complete":false}');
    writeFileSync(join(dir, "secrets.json"), "{");
    const served = await serveCloud({ dir });
    expect(JSON.parse(readFileSync(join(dir, "secrets.json"), "utf8")).ca).toBe(served.ca);
    await served.close();
  });
});

describe("a folder that no practice cloud can use is refused and stays as it is", () => {
  async function refusal(code: string): Promise<string> {
    const before = snapshot(dir);
    const error = await serveCloud({ dir }).catch((cause) => cause);
    expect(error).toMatchObject({ name: "PracticeError", code });
    expect(snapshot(dir)).toEqual(before);
    return error.message;
  }

  it("with other files in it", async () => {
    mkdirSync(dir);
    writeFileSync(join(dir, "thesis.txt"), "mine");
    expect(await refusal("NOT_A_PRACTICE_FOLDER")).toContain("thesis.txt");
    expect(readdirSync(dir)).toEqual(["thesis.txt"]);
  });

  it("that is a file", async () => {
    writeFileSync(dir, "");
    await expect(serveCloud({ dir })).rejects.toMatchObject({ code: "NOT_A_PRACTICE_FOLDER" });
  });

  it("of an earlier version, before folders said which they are of", async () => {
    mkdirSync(join(dir, "lake"), { recursive: true });
    writeFileSync(join(dir, "secrets.json"), "{}");
    expect(await refusal("OTHER_VERSION")).toContain("an earlier version");
  });

  it.runIf(isRoot)("of another user", async () => {
    mkdirSync(dir);
    chownSync(dir, 12345, 12345);
    expect(await refusal("NOT_YOURS")).toContain("uid 12345");
  });

  /** A folder that another run has left. */
  const whole = mkdtempSync(join(tmpdir(), "notelake-whole-"));
  beforeAll(async () => (await serveCloud({ dir: whole })).close());
  afterAll(() => rmSync(whole, { recursive: true }));

  const names = "lake/gen2/contosolake/names.db";
  it.each<[string, string, string, (file: string) => void]>([
    ["of a later version", "OTHER_VERSION", "folder.json", edit('"format": 4', '"format": 5')],
    ["with half a marker", "DAMAGED", "folder.json", (file) => truncateSync(file, 20)],
    ["with half its secrets", "DAMAGED", "secrets.json", (file) => truncateSync(file, 500)],
    ["with a damaged key", "DAMAGED", "secrets.json", edit("BEGIN PRIVATE KEY", "BEGIN")],
    ["without its secrets", "DAMAGED", "secrets.json", (file) => rmSync(file)],
    ["with half its records", "DAMAGED", "management.json", (file) => truncateSync(file, 100)],
    ["with other records", "DAMAGED", "management.json", (file) => writeFileSync(file, "[]")],
    ["with an emptied database", "DAMAGED", names, (file) => truncateSync(file, 0)],
    ["with a database cut off", "DAMAGED", names, (file) => truncateSync(file, 8192)],
    ["with no database", "DAMAGED", names, (file) => rmSync(file)],
    [
      "with rubbish for a database",
      "DAMAGED",
      names,
      (file) => writeFileSync(file, "x".repeat(9000)),
    ],
    [
      "without an account",
      "DAMAGED",
      names,
      (file) => rmSync(join(file, ".."), { recursive: true }),
    ],
    ["with a damaged page", "DAMAGED", names, damagePages],
  ])("%s", async (_what, code, name, spoil) => {
    cpSync(whole, dir, { recursive: true });
    spoil(join(dir, name));
    const message = await refusal(code);
    if (name !== "folder.json" || code === "DAMAGED") expect(message).toContain(join(dir, name));
    // Told again, not only once.
    await refusal(code);
  });

  function edit(from: string, to: string) {
    return (file: string) => {
      const text = readFileSync(file, "utf8");
      expect(text).toContain(from);
      writeFileSync(file, text.replace(from, to));
    };
  }

  function damagePages(file: string): void {
    const content = readFileSync(file);
    content.fill(0xa5, 4096 + 8, 4096 * 3);
    writeFileSync(file, content);
  }
});

describe("notelake practice", () => {
  const practice = (...args: string[]) => {
    const words = [...FLAGS, CLI, "practice", ...args];
    return spawnSync(process.execPath, words, { encoding: "utf8", timeout: 30_000 });
  };

  it("names a port in use in a line, and makes nothing", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const { status, stderr, stdout } = practice("--port", String(port), "--dir", dir);
    server.close();
    expect(status).toBe(1);
    expect(stderr).toBe(
      `notelake practice: port ${port} of 127.0.0.1 is taken by another program (PORT_TAKEN). Choose another port (--port), or none to let the system pick one.\n`,
    );
    expect(stdout).toBe("");
    expect(existsSync(dir)).toBe(false);
  });

  it.runIf(isRoot)("names a folder without write permission in a line", () => {
    const stranger = ["--reuid", "12345", "--regid", "12345", "--clear-groups", process.execPath];
    const env = { PATH: process.env.PATH };
    const child = spawnSync("setpriv", [...stranger, ...FLAGS, CLI, "--version"], { env });
    if (child.status !== 0) return; // no setpriv, or a checkout that this user may not read
    chmodSync(home, 0o755);
    const words = [...FLAGS, CLI, "practice", "--dir", dir];
    const options = { encoding: "utf8", timeout: 30_000, env } as const;
    const { status, stderr } = spawnSync("setpriv", [...stranger, ...words], options);
    expect(status).toBe(1);
    expect(stderr).toContain(
      `notelake practice: ${dir} cannot be written (EACCES) (NOT_WRITABLE). `,
    );
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(existsSync(dir)).toBe(false);
  });

  it.runIf(isRoot && canMount())("names a full disk in a line, and makes nothing", () => {
    const disk = join(home, "disk");
    mkdirSync(disk);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=96k", "tmpfs", disk]);
    try {
      const { status, stderr } = practice("--dir", join(disk, "cloud"));
      expect(status).toBe(1);
      expect(stderr).toContain(
        `notelake practice: there is no space left for the practice cloud in ${disk}`,
      );
      expect(stderr.trim().split("\n")).toHaveLength(1);
      expect(readdirSync(disk)).toEqual([]);
    } finally {
      execFileSync("umount", [disk]);
    }
  });
});

function canMount(): boolean {
  return spawnSync("unshare", ["--mount", "true"]).status === 0;
}
