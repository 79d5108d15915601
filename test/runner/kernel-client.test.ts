import { execFile } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Dealer } from "zeromq";
import { makeTemporaryFolder } from "../../src/core/temporary-folder.ts";
import { EXIT_PORT_TAKEN, kernelCommand } from "../../src/kernel/kernelspec.ts";
import { KernelClient } from "../../src/runner/kernel-client.ts";

// Ports that are free when they are looked up may be another program's when the kernel takes them.

let folder: string;
beforeAll(() => {
  folder = makeTemporaryFolder("client-test");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const zeromq = resolve(import.meta.dirname, "../../node_modules/zeromq/lib/index.js");
const limit = 30_000;

/** The command of a program that does something before it becomes our kernel. */
async function kernelAfter(name: string, code: string): Promise<string[]> {
  const [node = "", ...args] = kernelCommand();
  const launcher = args.at(-1);
  const program = join(folder, `${name}.mjs`);
  await writeFile(
    program,
    `import { existsSync, readFileSync, writeFileSync } from "node:fs";
     import zeromq from ${JSON.stringify(zeromq)};
     const connection = JSON.parse(readFileSync(process.argv[2], "utf8"));
     const marker = ${JSON.stringify(join(folder, name))};
     ${code}
     await import(${JSON.stringify(launcher)});`,
  );
  return [node, ...args.slice(0, -1), program];
}

async function start(command?: string[]): Promise<KernelClient> {
  return KernelClient.start({ cwd: folder, env: process.env, limit, ...(command && { command }) });
}

async function runs(client: KernelClient): Promise<void> {
  const reply = await client.request("execute_request", { code: "1 + 1" }, { limit });
  expect(reply.status).toBe("ok");
  await client.shutdown();
}

describe("starting a kernel", () => {
  test("ours is reached by sockets that no other user can open", async () => {
    const client = await start();
    const { transport, ip } = client.kernel.connection;
    expect(transport).toBe(process.platform === "win32" ? "tcp" : "ipc");
    await runs(client);
    await expect(readFile(`${ip}-1`)).rejects.toThrow("ENOENT");
  });

  test("closing it while it reads is no failure, whatever ZeroMQ says of that", async () => {
    const receive = Dealer.prototype.receive;
    const strange = vi.spyOn(Dealer.prototype, "receive");
    strange.mockImplementation(function (this: Dealer) {
      const stray = Object.assign(new Error("Socket operation on non-socket"), {
        code: "ENOTSOCK",
      });
      return receive.call(this).catch(() => Promise.reject(stray));
    });
    // What nobody catches fails the run.
    await runs(await start());
    strange.mockRestore();
  });

  test("a path that is too long for a socket is none", async () => {
    const long = join(folder, "a".repeat(100));
    await mkdir(long);
    const program = join(folder, "long.mts");
    const file = resolve(import.meta.dirname, "../../src/runner/kernel-client.ts");
    await writeFile(
      program,
      `import { KernelClient } from ${JSON.stringify(file)};
       const client = await KernelClient.start({ cwd: ".", env: process.env, limit: ${limit} });
       console.log(client.kernel.connection.transport);
       await client.shutdown();`,
    );
    const env = { ...process.env, TMPDIR: long, TMP: long };
    const args = ["--conditions=notelake-source", program];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env });
    expect(stdout).toBe("tcp\n");
  });

  test("a kernel that finds a port taken is started again", async () => {
    const once = `if (!existsSync(marker)) {
      writeFileSync(marker, "");
      process.exit(${EXIT_PORT_TAKEN});
    }`;
    await runs(await start(await kernelAfter("taken", once)));
  });

  test("whom a client met at the port before does not matter", async () => {
    const other = `const other = new zeromq.Publisher({ linger: 0 });
      await other.bind(\`tcp://127.0.0.1:\${connection.shell_port}\`);
      await new Promise((done) => setTimeout(done, 500));
      await other.unbind(\`tcp://127.0.0.1:\${connection.shell_port}\`);
      other.close();`;
    await runs(await start(await kernelAfter("another", other)));
  });

  test("a kernel that ends says so at once, and why", async () => {
    const started = performance.now();
    const command = await kernelAfter("broken", 'throw new Error("no such disk");');
    await expect(start(command)).rejects.toThrow(/the kernel ended: exit code 1\n.*no such disk/s);
    expect(performance.now() - started).toBeLessThan(limit / 2);
  });

  test("a kernel that is silent says what it wrote last", async () => {
    const command = await kernelAfter(
      "silent",
      'console.error("waiting"); await new Promise(() => setInterval(() => {}, 9e8));',
    );
    const starting = KernelClient.start({ cwd: folder, env: process.env, limit: 1000, command });
    await expect(starting).rejects.toThrow("the kernel did not answer within 1000 ms\nwaiting");
  });
});
