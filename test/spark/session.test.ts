import "reflect-metadata";
import { execFile } from "node:child_process";
import dns from "node:dns";
import { setTimeout as sleep } from "node:timers/promises";
import { inspect, promisify } from "node:util";
import { Code, ConnectError } from "@connectrpc/connect";
import * as x509 from "@peculiar/x509";
import { expect, test, vi } from "vitest";
import { SignInError } from "../../src/core/errors.ts";
import { makeAuthority, makeServerCertificate } from "../../src/practice/certificates.ts";
import { connectSpark } from "../../src/spark/connect-spark.ts";
import type { SparkProgress } from "../../src/spark/spark-progress.ts";
import type { SparkServer } from "../../src/spark/spark-server.ts";
import {
  batch,
  complete,
  limitOf,
  type Script,
  type ScriptedServer,
  sparkError,
  startScripted,
  tasks,
} from "./scripted-server.ts";

const ten: Script = () => [batch("a", 0, 10), complete("b")];

async function session(server: ScriptedServer, options: Partial<SparkServer> = {}) {
  return connectSpark({ url: server.url, reconnectFor: 1000, ...options });
}

/** Lets requests arrive that nobody waits for. */
async function eventually(check: () => void): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    try {
      return check();
    } catch {
      await sleep(20);
    }
  }
  check();
}

test("a session is in UTC, and ends on the server when it is closed", async () => {
  await using server = await startScripted(ten);
  const spark = await session(server);
  expect(spark.version).toBe("4.1.0");
  const frame = await spark.sql("select n from t");
  expect(frame.columns).toEqual(["n"]);
  expect(frame.values.flat()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  await spark.close();
  await spark.close();
  expect(server.log).toEqual([
    "spark.sql.session.timeZone=UTC",
    "execute",
    "release",
    "release session",
  ]);
  await expect(spark.sql("select 1")).rejects.toMatchObject({ name: "SparkError", code: "CLOSED" });
});

test("a lost connection is opened again, and each row comes once", async () => {
  await using server = await startScripted(async function* (_, { drop }) {
    yield batch("a", 0, 10);
    yield batch("b", 10, 10);
    await sleep(50);
    drop();
  });
  server.rest = (last) => (last === "b" ? [batch("c", 20, 5), complete("d")] : [complete("e")]);
  await using spark = await session(server);
  const phases: string[] = [];
  const frame = await spark.sql("select n from t", {
    onProgress: ({ phase }) => phases.push(phase),
  });
  expect(frame.column("n").values).toEqual(Array.from({ length: 25 }, (_, row) => row));
  expect(phases).toEqual([
    "running",
    "receiving",
    "receiving",
    "reconnecting",
    "receiving",
    "done",
  ]);
  expect(server.log).toContain("reattach after b");
});

test("a stream that ends before its result is complete is asked for the rest", async () => {
  await using server = await startScripted(() => [batch("a", 0, 10)]);
  server.rest = () => [batch("b", 10, 10), complete("c")];
  await using spark = await session(server);
  expect((await spark.sql("select n from t")).shape).toEqual([20, 1]);
});

test("a result that never is complete is an error, and stops on the server", async () => {
  await using server = await startScripted(() => [batch("a", 0, 10)]);
  await using spark = await session(server, { reconnectFor: 300 });
  await expect(spark.sql("select n from t")).rejects.toMatchObject({ code: "CUT_OFF" });
  expect(server.log).toContain("interrupt");
});

test("a gap in the rows is an error", async () => {
  await using server = await startScripted(() => [
    batch("a", 0, 10),
    batch("b", 20, 10),
    complete("c"),
  ]);
  await using spark = await session(server);
  await expect(spark.sql("select n from t")).rejects.toMatchObject({ code: "CUT_OFF" });
});

test("a statement that never reached the server is sent again", async () => {
  let tries = 0;
  await using server = await startScripted(async function* (_, { drop }) {
    if (++tries === 1) {
      drop();
      await sleep(50);
    }
    yield* [batch("a", 0, 3), complete("b")];
  });
  server.rest = () => {
    throw sparkError("[INVALID_HANDLE.OPERATION_NOT_FOUND] The handle is invalid.", {});
  };
  await using spark = await session(server);
  expect((await spark.sql("select n from t")).shape).toEqual([3, 1]);
  expect(server.log.filter((name) => name === "execute")).toHaveLength(2);
});

test("a server that has forgotten half a result is no reason to show the other half", async () => {
  await using server = await startScripted(async function* (_, { drop }) {
    yield batch("a", 0, 3);
    await sleep(50);
    drop();
  });
  server.rest = () => {
    throw sparkError("[INVALID_HANDLE.OPERATION_NOT_FOUND] The handle is invalid.", {});
  };
  await using spark = await session(server);
  await expect(spark.sql("select n from t")).rejects.toMatchObject({
    code: "LOST",
    hint: expect.stringContaining("connectSpark()"),
  });
});

test.each([
  [{ maxRows: 15 }, "more than 15 rows"],
  [{ maxBytes: 500 }, "more than 500 B"],
])("a result beyond %o is refused, and its job stopped", async (limit, message) => {
  await using server = await startScripted(async function* () {
    for (let start = 0; ; start += 10) {
      yield batch(`a${start}`, start, 10);
      await sleep(5);
    }
  });
  await using spark = await session(server);
  await expect(spark.sql("select n from t", limit)).rejects.toMatchObject({
    code: "TOO_LARGE",
    message: expect.stringContaining(message),
  });
  await eventually(() => expect(server.log.slice(-2)).toEqual(["interrupt", "release"]));
});

test.each([
  ["select n from t", {}, 10_000_001],
  ["select n from t", { maxRows: 15 }, 16],
  ["select n from t", { maxRows: Number.POSITIVE_INFINITY }, undefined],
  ["select n from t order by n", { maxRows: 15 }, 16],
  // To find ten million first ones takes more memory than to sort all of them.
  ["select n from t Order\n By n", {}, undefined],
])("%s with %o asks the server for one row more than it takes", async (sql, cap, limit) => {
  const asked: (number | undefined)[] = [];
  await using server = await startScripted(({ plan }) => {
    asked.push(limitOf(plan));
    return [batch("a", 0, 10), complete("b")];
  });
  await using spark = await session(server);
  await spark.sql(sql, cap);
  expect(asked).toEqual([limit]);
});

test("sessions that come and go leave nothing on the process", async () => {
  await using server = await startScripted(ten);
  const before = process.listenerCount("beforeExit");
  for (let count = 0; count < 12; count++) await (await session(server)).close();
  expect(process.listenerCount("beforeExit")).toBeLessThanOrEqual(before + 1);
});

test("a signal stops the job on the server, whether rows come or not", async () => {
  await using server = await startScripted(async function* () {
    yield batch("a", 0, 10);
    await sleep(60_000, undefined, { ref: false });
  });
  await using spark = await session(server);
  const reason = new Error("interrupted");
  const stop = new AbortController();
  setTimeout(() => stop.abort(reason), 100);
  await expect(spark.sql("select n from t", { signal: stop.signal })).rejects.toBe(reason);
  await eventually(() => expect(server.log.slice(-2)).toEqual(["interrupt", "release"]));
  const before = server.log.length;
  await expect(spark.sql("select n from t", { signal: stop.signal })).rejects.toBe(reason);
  expect(server.log).toHaveLength(before);
});

test("what the server tells of its stages is told", async () => {
  await using server = await startScripted(() => [
    tasks("a", 1, 4, 1000),
    tasks("b", 4, 4, 5000),
    batch("c", 0, 10),
    complete("d"),
  ]);
  await using spark = await session(server);
  const told: SparkProgress[] = [];
  await spark.sql("select n from t", { onProgress: (progress) => told.push(progress) });
  expect(
    told.map(({ phase, tasks: all, tasksDone, bytesRead, rows }) =>
      [phase, tasksDone, all, bytesRead, rows].join(" "),
    ),
  ).toEqual([
    "running 0 0 0 0",
    "running 1 4 1000 0",
    "running 4 4 5000 0",
    "receiving 4 4 5000 10",
    "done 4 4 5000 10",
  ]);
});

test("an error says what Spark calls it, and what to do", async () => {
  await using server = await startScripted(() => {
    throw sparkError("[TABLE_OR_VIEW_NOT_FOUND] The table … (abbreviated)", { errorId: "e1" });
  });
  server.override.fetchErrorDetails = ({ errorId }) => ({
    rootErrorIdx: 0,
    errors: [
      {
        message: `[TABLE_OR_VIEW_NOT_FOUND] The table or view \`t\` cannot be found (${errorId}). SQLSTATE: 42P01; line 1 pos 14;\n'Project [*]\n+- 'UnresolvedRelation [t]`,
        errorTypeHierarchy: ["org.apache.spark.sql.AnalysisException", "java.lang.Exception"],
        sparkThrowable: { errorClass: "TABLE_OR_VIEW_NOT_FOUND", sqlState: "42P01" },
      },
    ],
  });
  await using spark = await session(server);
  await expect(spark.sql("select * from t")).rejects.toMatchObject({
    code: "BAD_SQL",
    errorClass: "TABLE_OR_VIEW_NOT_FOUND",
    sqlState: "42P01",
    message: expect.stringMatching(
      /^\[TABLE_OR_VIEW_NOT_FOUND\] .* \(e1\)\. SQLSTATE: 42P01; line 1 pos 14\n {2}Files/,
    ),
  });
});

test("an error that hides its reason is followed by it", async () => {
  await using server = await startScripted(() => {
    throw sparkError("[FAILED_TO_CREATE_PLAN] Failed.", { errorId: "e1" });
  });
  server.override.fetchErrorDetails = () => ({
    rootErrorIdx: 0,
    errors: [
      { message: "[FAILED_TO_CREATE_PLAN] Failed.;\n'Project [*]", causeIdx: 1 },
      { message: "java.io.IOException: wrapped", causeIdx: 2 },
      { message: 'Operation failed: "Not authorized", 403, HEAD, https://lake/x\nmore' },
    ],
  });
  await using spark = await session(server);
  await expect(spark.sql("select * from t")).rejects.toMatchObject({
    code: "FORBIDDEN",
    message: expect.stringMatching(/Failed\.\nOperation failed: "Not authorized", 403, HEAD/),
    hint: expect.stringContaining("Storage Blob Data Reader"),
  });
});

test.each([
  [
    "Sail",
    "Generic MicrosoftAzure error: … 401 Unauthorized: <Error><Code>InvalidAuthenticationInfo</Code>",
  ],
  ["Apache Spark", 'Operation failed: "Server failed to authenticate", 401, HEAD, https://lake/x'],
])(
  "%s that reads the lake with a token that has expired is told what to do",
  async (_, message) => {
    await using server = await startScripted(() => {
      throw sparkError(message, {});
    });
    await using spark = await session(server);
    await expect(spark.sql("select n from t")).rejects.toMatchObject({
      code: "FORBIDDEN",
      message: expect.stringContaining(message),
      hint: expect.stringContaining("has expired"),
    });
  },
);

test("stacks of the server are kept, and out of what is printed", async () => {
  const stack = "\n\tat org.apache.spark.Task.run(Task.scala:141)".repeat(40);
  const message = `[FAILED_READ_FILE.NO_HINT] Error while reading file x. SQLSTATE: KD001${stack}`;
  await using server = await startScripted(() => {
    throw sparkError(message, {});
  });
  await using spark = await session(server);
  const error = await spark.sql("select n from t").catch((thrown) => thrown);
  expect(error).toMatchObject({ errorClass: "FAILED_READ_FILE.NO_HINT", sqlState: "KD001" });
  expect(error.message).toBe(message.slice(0, -stack.length));
  expect(inspect(error, { depth: 10 })).not.toContain("Task.scala");
  expect(error.detail).toBe(message);
});

test("a server that cannot tell more is quoted as it is", async () => {
  await using server = await startScripted(() => {
    throw sparkError("[DIVIDE_BY_ZERO] Division by zero.", { errorId: "e1" });
  });
  await using spark = await session(server);
  await expect(spark.sql("select 1/0")).rejects.toMatchObject({
    errorClass: "DIVIDE_BY_ZERO",
    message: expect.stringContaining("Division by zero."),
    hint: expect.stringContaining("try_divide"),
  });
});

test("a token is sent with every request, as fresh as it is got", async () => {
  await using server = await startScripted(ten);
  let count = 0;
  await using spark = await session(server, { token: async () => `token-${++count}` });
  await spark.sql("select n from t");
  expect(server.tokens.slice(0, 2)).toEqual(["Bearer token-1", "Bearer token-3"]);
});

test("no token leaves this machine without TLS", async () => {
  for (const options of [
    { url: "sc://192.0.2.1", token: "abc" },
    { url: "sc://192.0.2.1/;use_ssl=false;token=abc" },
    { url: "sc://192.0.2.1", token: async () => "abc" },
  ]) {
    await expect(connectSpark(options)).rejects.toMatchObject({ code: "INSECURE_TOKEN" });
  }
});

test("a token that has expired is said to have, and is not printed", async () => {
  await using server = await startScripted(ten);
  server.override.executePlan = () => {
    throw new ConnectError("the token secret-token-1 has expired", Code.Unauthenticated);
  };
  await using spark = await session(server, { token: "secret-token-1" });
  const error = await spark.sql("select n from t").catch((thrown) => thrown);
  expect(error).toMatchObject({
    code: "UNAUTHENTICATED",
    hint: expect.stringContaining("expired"),
  });
  expect(String(error)).toContain("the token [redacted] has expired");
  expect(inspect(error, { depth: 10 })).not.toContain("secret-token-1");
});

test("who cannot get a token hears why", async () => {
  await using server = await startScripted(ten);
  let isOut = false;
  await using spark = await session(server, {
    token: async () => {
      if (isOut) throw new SignInError("SIGNED_OUT", "this session has signed out");
      return "abc";
    },
  });
  isOut = true;
  await expect(spark.sql("select n from t")).rejects.toMatchObject({ code: "SIGNED_OUT" });
});

test("headers of the URL go along", async () => {
  await using server = await startScripted(ten);
  await using _ = await session(server, {
    url: `${server.url}/;x-databricks-cluster-id=0123-456789-abc`,
  });
  expect(server.headers.map((header) => header.get("x-databricks-cluster-id"))).toEqual([
    "0123-456789-abc",
  ]);
});

test("a cluster of Azure Databricks is asked with a token of whoever is signed in", async () => {
  const name = "adb-1.2.azuredatabricks.net";
  const { certificate: ca, key } = await certificateOf(name);
  await using server = await startScripted(ten, { cert: ca, key });
  // Its name stands for this machine: no look-up leaves it.
  const here = { address: "127.0.0.1", family: 4 };
  const lookup = vi
    .spyOn(dns, "lookup")
    .mockImplementation(((
      _name: string,
      _options: object,
      done: (error: null, addresses: object) => void,
    ) => done(null, [here])) as never);
  try {
    const url = `sc://${name}:${new URL(server.origin).port}/;use_ssl=true;x-databricks-cluster-id=0123`;
    const databricksToken = async () => "entra-token";
    await using spark = await connectSpark({ url, ca }, { databricksToken });
    await spark.sql("select n from t");
    await using _ = await connectSpark({ url, ca, token: "own-token" }, { databricksToken });
  } finally {
    lookup.mockRestore();
  }
  expect([...new Set(server.tokens)]).toEqual(["Bearer entra-token", "Bearer own-token"]);
  expect(server.headers[0]?.get("x-databricks-cluster-id")).toBe("0123");
});

async function certificateOf(name: string) {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: algorithm,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: "dns", value: name }])],
  });
  const key = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    certificate: certificate.toString("pem"),
    key: x509.PemConverter.encode(key, "PRIVATE KEY"),
  };
}

test("where nobody answers, the remedy is named", async () => {
  const server = await startScripted(ten);
  await server[Symbol.asyncDispose]();
  await expect(session(server)).rejects.toMatchObject({
    code: "NO_SERVER",
    hint: expect.stringContaining("npx notelake spark"),
  });
});

test("a server that goes away for good is given up after a while", async () => {
  const server = await startScripted(async function* () {
    yield batch("a", 0, 3);
    await sleep(60_000, undefined, { ref: false });
  });
  const spark = await session(server, { reconnectFor: 500 });
  setTimeout(() => server[Symbol.asyncDispose](), 200);
  await expect(spark.sql("select n from t")).rejects.toMatchObject({ code: "NO_SERVER" });
  await spark.close();
});

test("a service that is none of Spark's is told from one", async () => {
  await using server = await startScripted(ten);
  server.override.config = () => {
    throw new ConnectError("unknown service", Code.Unimplemented);
  };
  await expect(session(server)).rejects.toMatchObject({ code: "OLD_SERVER" });
});

test("TLS is asked for by the URL, and its authority by { ca }", async () => {
  const authority = await makeAuthority();
  const { certificate: cert, key } = await makeServerCertificate(authority);
  await using server = await startScripted(ten, { cert, key });
  const secure = { url: `${server.url}/;use_ssl=true` };
  await using spark = await session(server, { ...secure, ca: authority.certificate, token: "abc" });
  expect((await spark.sql("select n from t")).shape).toEqual([10, 1]);
  await expect(session(server, { ...secure, token: "abc" })).rejects.toMatchObject({
    code: "NO_TLS",
    hint: expect.stringContaining("{ ca }"),
  });
  await expect(session(server)).rejects.toMatchObject({
    code: "NO_SERVER",
    hint: expect.stringContaining("use_ssl=true"),
  });
  await using plain = await startScripted(ten);
  await expect(session(plain, { url: `${plain.url}/;use_ssl=true` })).rejects.toMatchObject({
    code: "NO_TLS",
    message: expect.stringContaining("does not speak TLS"),
  });
});

/** What a program of its own prints. */
async function printed(program: string): Promise<string> {
  const flags = ["--conditions=notelake-source", "--disable-warning=ExperimentalWarning"];
  const args = [...flags, "--input-type=module", "--eval", program];
  const options = { cwd: import.meta.dirname, timeout: 100_000 };
  return (await promisify(execFile)(process.execPath, args, options)).stdout;
}

test("a program that forgets to close its session ends, and the session with it", async () => {
  await using server = await startScripted(ten);
  const program = `
    import { connectSpark } from "notelake/spark";
    const spark = await connectSpark({ url: "${server.url}" });
    console.log((await spark.sql("select n from t")).shape.join());`;
  const stdout = await printed(program);
  expect(stdout).toMatch(/^10,1$/m);
  expect(server.log.at(-1)).toBe("release session");
});

test("Azure Databricks is not asked with what the practice cloud has", async () => {
  const program = `
    import { connectSpark } from "notelake/spark";
    const url = "sc://adb-1.2.azuredatabricks.net:443/;x-databricks-cluster-id=0123";
    await connectSpark({ url }).catch(({ code, message }) => console.log(code, message));`;
  const stdout = await printed(program);
  expect(stdout).toMatch(/^UNAUTHENTICATED the practice cloud has no tokens for Databricks/);
});
