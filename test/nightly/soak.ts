import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { Agent, request as send } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkAccount } from "../../src/practice/lake/index.ts";

// node test/nightly/soak.ts [seconds]
// Mixed load on the practice lake in its own process: every byte that is read is compared, and the
// memory of the server must not grow. Fails when either does not hold.

const SECONDS = Number(process.argv[2] ?? 600);
const WORKERS = 8;
const NAMES = 40;
const SAMPLE_MS = 2_000;

interface Reply {
  readonly status: number;
  readonly body: Buffer;
}

type Call = (
  method: string,
  path: string,
  headers?: Record<string, string>,
  body?: string | Buffer,
) => Promise<Reply>;

function caller(port: number, ca: string): Call {
  const agent = new Agent({ ca, keepAlive: true, maxSockets: WORKERS });
  const once = (...[method, path, headers = {}, body = ""]: Parameters<Call>): Promise<Reply> =>
    new Promise((resolve, reject) => {
      const length = Buffer.byteLength(body);
      const all = { authorization: "Bearer owner", "content-length": length, ...headers };
      const options = { host: "127.0.0.1", port, agent, method, headers: all };
      const request = send({ ...options, path: `/contosolake${path}` }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }),
        );
      });
      request.on("error", reject);
      request.end(body);
    });
  return async (...asked) => {
    try {
      return await once(...asked);
    } catch (error) {
      // A connection that was idle may be closed at the moment in which it is used again.
      if ((error as NodeJS.ErrnoException).code !== "ECONNRESET") throw error;
      return once(...asked);
    }
  };
}

/** Bytes that follow from a name and a number: 1 kB, 30 kB, 200 kB or 1 MB. */
function contentOf(name: string, version: number): Buffer {
  const size = [1_000, 30_000, 200_000, 1_000_000][version % 4] ?? 0;
  const seed = createHash("sha512").update(`${name} ${version}`).digest();
  return Buffer.alloc(size, seed);
}

/** Counts of what was done. */
const done: Record<string, number> = {};
const wrong: string[] = [];

function expectThat(holds: boolean, what: string): void {
  if (!holds) wrong.push(what);
}

async function work(call: Call, worker: number, until: number): Promise<void> {
  const versions = new Map<string, number>();
  for (let turn = 0; Date.now() < until; turn++) {
    const name = `w${worker}-${(turn * 7) % NAMES}`;
    const path = `/soak/d${worker}/${name}`;
    const version = versions.get(name);
    const content = version === undefined ? undefined : contentOf(name, version);
    const kind = content === undefined ? "write" : (KINDS[turn % KINDS.length] ?? "read");
    done[kind] = (done[kind] ?? 0) + 1;
    if (kind === "write") {
      const next = turn;
      const isBlob = turn % 2 === 0;
      const status = isBlob
        ? await putBlob(call, path, contentOf(name, next))
        : await writeFile(call, path, contentOf(name, next));
      expectThat(status < 300, `${kind} ${path}: ${status}`);
      versions.set(name, next);
    } else if (kind === "read") {
      const { status, body } = await call("GET", path);
      expectThat(status === 200 && content?.equals(body) === true, `${kind} ${path}: ${status}`);
    } else if (kind === "range") {
      const headers = { "x-ms-range": "bytes=500-899" };
      const { status, body } = await call("GET", path, headers);
      const part = content?.subarray(500, 900);
      expectThat(status === 206 && part?.equals(body) === true, `${kind} ${path}: ${status}`);
    } else if (kind === "list") {
      const { status } = await call("GET", `/soak?resource=filesystem&recursive=true`);
      expectThat(status === 200, `${kind}: ${status}`);
    } else if (kind === "move") {
      const there = `${path}-moved`;
      const source = { "x-ms-rename-source": path };
      const { status } = await call("PUT", there, source);
      const back = await call("PUT", path, { "x-ms-rename-source": there });
      expectThat(status === 201 && back.status === 201, `${kind} ${path}: ${status}`);
    } else if (kind === "snapshot") {
      const { status } = await call("PUT", `${path}?comp=snapshot`);
      expectThat(status === 201, `${kind} ${path}: ${status}`);
    } else {
      const { status } = await call("DELETE", path, { "x-ms-delete-snapshots": "include" });
      const after = await call("HEAD", path);
      expectThat(status < 300 && after.status === 404, `${kind} ${path}: ${status}`);
      versions.delete(name);
    }
  }
}

const KINDS = ["read", "write", "range", "move", "read", "list", "snapshot", "range", "delete"];

async function putBlob(call: Call, path: string, body: Buffer): Promise<number> {
  return (await call("PUT", path, { "x-ms-blob-type": "BlockBlob" }, body)).status;
}

async function writeFile(call: Call, path: string, body: Buffer): Promise<number> {
  const half = body.length >> 1;
  await call("PUT", `${path}?resource=file`);
  await call("PATCH", `${path}?action=append&position=0`, {}, body.subarray(0, half));
  await call("PATCH", `${path}?action=append&position=${half}`, {}, body.subarray(half));
  return (await call("PATCH", `${path}?action=flush&position=${body.length}`)).status;
}

/** Memory that a process has in use, in MB. */
async function memoryOf({ pid }: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "notelake-soak-"));
  const script = join(import.meta.dirname, "../practice-lake/lake-process.ts");
  const args = ["--disable-warning=ExperimentalWarning", script, folder];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    const { port, ca } = JSON.parse(line.toString()) as { port: number; ca: string };
    const call = caller(port, ca);
    await call("PUT", "/soak?restype=container");
    const until = Date.now() + SECONDS * 1_000;
    const memory: number[] = [];
    const sample = setInterval(() => {
      void memoryOf(child).then(
        (now) => memory.push(now),
        () => undefined,
      );
    }, SAMPLE_MS);
    await Promise.all(Array.from({ length: WORKERS }, (_, worker) => work(call, worker, until)));
    clearInterval(sample);
    child.kill("SIGKILL");
    await once(child, "exit");
    const account = join(folder, "lake/gen2/contosolake");
    const { damage, bytes } = await checkAccount(account, "soak", new AbortController().signal);
    report(memory, wrong.concat(damage.map(({ what }) => what)), bytes);
  } finally {
    child.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  }
}

function report(memory: readonly number[], problems: readonly string[], bytes: number): void {
  // The first fifth is warming up; of the rest, the two ends are compared.
  const warm = memory.slice(Math.floor(memory.length / 5));
  const third = Math.max(1, Math.floor(warm.length / 3));
  const [early, late] = [mean(warm.slice(0, third)), mean(warm.slice(-third))];
  const total = Object.values(done).reduce((sum, count) => sum + count, 0);
  console.log(`${total} operations in ${SECONDS} s: ${JSON.stringify(done)}`);
  console.log(`memory of the server: ${early.toFixed(0)} MB early, ${late.toFixed(0)} MB late`);
  console.log(`${bytes} bytes on disk compared with their checksums afterwards`);
  for (const problem of problems.slice(0, 20)) console.log(`wrong: ${problem}`);
  console.log(`${problems.length} wrong answers or damaged files`);
  const isFlat = late < early * 1.15 + 10;
  if (!isFlat) console.log("memory grew");
  if (problems.length > 0 || !isFlat) process.exitCode = 1;
}

void main();
