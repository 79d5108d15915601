import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { Agent, request as send } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Store } from "../../src/practice/lake/storage/lake-store.ts";

// node test/bench/practice-lake.bench.ts [megabytes] [paths]
// The practice lake in its own process, over TLS: one large GET beside a static-file server on
// plain node:https, small operations, and a million paths.

const MEGABYTES = Number(process.argv[2] ?? 500);
const PATHS = Number(process.argv[3] ?? 1_000_000);
const ROUNDS = 5;
const CONNECTIONS = 16;
const OPERATIONS = 4_000;
const run = promisify(execFile);

interface Server {
  readonly child: ChildProcess;
  readonly port: number;
  readonly ca: string;
}

async function start(script: string, argument: string): Promise<Server> {
  const file = join(import.meta.dirname, script);
  const args = ["--disable-warning=ExperimentalWarning", file, argument];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return { child, ...(JSON.parse(line.toString()) as { port: number; ca: string }) };
}

async function plant(folder: string): Promise<string> {
  const seed = join(folder, "seed/raw");
  await mkdir(seed, { recursive: true });
  const file = await open(join(seed, "big.bin"), "w");
  for (let written = 0; written < MEGABYTES; written++) await file.write(randomBytes(2 ** 20));
  await file.close();
  return join(seed, "big.bin");
}

/** A million names, put straight into the database: making them is not what is measured. */
async function plantPaths(folder: string): Promise<void> {
  const store = new Store(join(folder, "lake/gen2/contosolake"), join(folder, "seed"));
  const { root } = store.fileSystems.create("many", null, "owner");
  const { tree } = store;
  const common = { owner: "owner", group: "owner", mode: 0o750 };
  tree.transact(() => {
    const top = tree.add({ ...common, parent: root, name: "top", directory: 1 });
    for (let directory = 0; directory * 1_000 < PATHS; directory++) {
      const name = `d${String(directory).padStart(5, "0")}`;
      const { id } = tree.add({ ...common, parent: top.id, name, directory: 1 });
      for (let file = 0; file < 999; file++) {
        tree.add({ ...common, parent: id, name: `f${file}`, directory: 0 });
      }
    }
  });
  await store.close();
}

async function curl(server: Server, path: string, folder: string): Promise<number> {
  const ca = join(folder, `ca-${server.port}.pem`);
  await writeFile(ca, server.ca);
  const url = `https://127.0.0.1:${server.port}${path}`;
  const config = ["--silent", "--fail", "--cacert", ca, "-H", "Authorization: Bearer owner"];
  const before = performance.now();
  await run("curl", [...config, "--output", "/dev/null", url]);
  return performance.now() - before;
}

const median = (values: readonly number[]) =>
  [...values].sort((one, two) => one - two)[Math.floor(values.length / 2)] ?? Number.NaN;

function caller({ port, ca }: Server) {
  const agent = new Agent({ ca, keepAlive: true, maxSockets: CONNECTIONS });
  return (
    method: string,
    path: string,
    headers = {},
    body = "",
  ): Promise<{ status: number; continuation: string | undefined; size: number }> =>
    new Promise((resolve, reject) => {
      const all = { authorization: "Bearer owner", "content-length": body.length, ...headers };
      const options = {
        host: "127.0.0.1",
        port,
        agent,
        method,
        path: `/contosolake${path}`,
        headers: all,
      };
      const request = send(options, (response) => {
        let size = 0;
        response.on("data", (chunk: Buffer) => {
          size += chunk.length;
        });
        response.on("end", () => {
          const continuation = response.headers["x-ms-continuation"];
          const text = typeof continuation === "string" ? continuation : undefined;
          resolve({ status: response.statusCode ?? 0, continuation: text, size });
        });
      });
      request.on("error", reject);
      request.end(body);
    });
}

type Call = ReturnType<typeof caller>;

async function rate(
  name: string,
  work: (index: number) => Promise<{ status: number }>,
): Promise<void> {
  let next = 0;
  const before = performance.now();
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (next < OPERATIONS) {
        const { status } = await work(next++);
        if (status >= 300) throw new Error(`${name}: status ${status}`);
      }
    }),
  );
  const seconds = (performance.now() - before) / 1_000;
  console.log(`  ${name.padEnd(28)} ${Math.round(OPERATIONS / seconds)} a second`);
}

async function smallOperations(call: Call): Promise<void> {
  await call("PUT", "/small?restype=container");
  console.log(`small operations, ${CONNECTIONS} connections`);
  for (let index = 0; index < 1_000; index++)
    await call("PUT", `/small/warm${index}?resource=file`);
  await rate("create", (index) => call("PUT", `/small/f${index}?resource=file`));
  await rate("append 1 kB and flush", (index) =>
    call("PATCH", `/small/f${index}?action=append&position=0&flush=true`, {}, "x".repeat(1_024)),
  );
  await rate("put blob of 1 kB", (index) =>
    call("PUT", `/small/b${index}`, { "x-ms-blob-type": "BlockBlob" }, "x".repeat(1_024)),
  );
  await rate("read 1 kB", (index) => call("GET", `/small/b${index}`));
  await rate("properties", (index) => call("HEAD", `/small/b${index}`));
  await rate("rename", (index) =>
    call("PUT", `/small/r${index}`, { "x-ms-rename-source": `/small/b${index}` }),
  );
  await rate("delete", (index) => call("DELETE", `/small/r${index}`));
}

async function manyPaths(server: Server, call: Call): Promise<void> {
  const before = performance.now();
  let pages = 0;
  let bytes = 0;
  let token: string | undefined;
  do {
    const query = `resource=filesystem&recursive=true${token ? `&continuation=${encodeURIComponent(token)}` : ""}`;
    const page = await call("GET", `/many?${query}`);
    if (page.status !== 200) throw new Error(`list: status ${page.status}`);
    token = page.continuation;
    bytes += page.size;
    pages++;
  } while (token);
  const seconds = (performance.now() - before) / 1_000;
  console.log(`${PATHS} paths in one file system`);
  console.log(`  listed in ${pages} pages, ${Math.round(bytes / 1e6)} MB: ${seconds.toFixed(1)} s`);
  const timed = async (name: string, work: Promise<{ status: number }>) => {
    const start = performance.now();
    const { status } = await work;
    console.log(`  ${name}: ${(performance.now() - start).toFixed(1)} ms (${status})`);
  };
  const source = { "x-ms-rename-source": "/many/top" };
  await timed("rename the directory above them all", call("PUT", "/many/moved", source));
  await timed("delete it", call("DELETE", "/many/moved?recursive=true"));
  await timed("the next request", call("HEAD", "/raw/big.bin"));
  const status = await readFile(`/proc/${server.child.pid}/status`, "utf8");
  console.log(`  peak memory of the server: ${/VmHWM:\s+(\d+)/.exec(status)?.[1]} kB`);
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "notelake-practice-lake-bench-"));
  const servers: Server[] = [];
  try {
    const file = await plant(folder);
    await plantPaths(folder);
    const lake = await start("../practice-lake/lake-process.ts", folder);
    const plain = await start("static-server.ts", file);
    servers.push(lake, plain);
    const times = { lake: [] as number[], plain: [] as number[] };
    for (let round = 0; round < ROUNDS; round++) {
      times.lake.push(await curl(lake, "/contosolake/raw/big.bin", folder));
      times.plain.push(await curl(plain, "/", folder));
    }
    const [ours, theirs] = [median(times.lake), median(times.plain)];
    console.log(`GET of ${MEGABYTES} MB by curl, median of ${ROUNDS}`);
    console.log(`  practice lake ${ours.toFixed(0)} ms, plain node:https ${theirs.toFixed(0)} ms`);
    console.log(`  ${(theirs / ours).toFixed(2)} of the plain server's speed`);
    const call = caller(lake);
    await smallOperations(call);
    await manyPaths(lake, call);
  } finally {
    for (const { child } of servers) child.kill("SIGKILL");
    await rm(folder, { recursive: true });
  }
}

void main();
