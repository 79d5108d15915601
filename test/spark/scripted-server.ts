import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError, type HandlerContext, type ServiceImpl } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import * as arrow from "apache-arrow";
import { ErrorInfoSchema } from "../../src/spark/protocol/error-info_pb.ts";
import {
  type ExecutePlanRequest,
  type ExecutePlanResponseSchema,
  type Plan,
  SparkConnectService,
} from "../../src/spark/protocol/spark-connect_pb.ts";

export type Answer = MessageInitShape<typeof ExecutePlanResponseSchema>;

/** What the server does with a statement; it may drop the connection in between. */
export type Script = (
  request: ExecutePlanRequest,
  server: ScriptedServer,
) => AsyncIterable<Answer> | Iterable<Answer>;

export interface ScriptedServer extends AsyncDisposable {
  readonly url: string;
  readonly origin: string;
  /** Names of the requests that came, with what matters of them. */
  readonly log: string[];
  readonly tokens: (string | null)[];
  readonly headers: Headers[];
  /** What comes after the answer with this id, when a client asks for the rest. */
  rest: (lastResponseId: string | undefined) => AsyncIterable<Answer> | Iterable<Answer>;
  /** Ends all connections without a word. */
  drop(): void;
  /** Replaces requests by others, for one test. */
  override: Partial<ServiceImpl<typeof SparkConnectService>>;
}

/**
 * A server of Spark Connect that answers as it is told to: real gRPC over HTTP/2, for what a real
 * server does too rarely to wait for.
 */
export async function startScripted(
  script: Script,
  tls?: { cert: string; key: string },
): Promise<ScriptedServer> {
  const sessions = new Set<http2.ServerHttp2Session>();
  const heard = ({ requestHeader }: HandlerContext) => {
    scripted.tokens.push(requestHeader.get("authorization"));
    scripted.headers.push(requestHeader);
  };
  const serverSideSessionId = "server-1";
  const service: Partial<ServiceImpl<typeof SparkConnectService>> = {
    async *executePlan(request, context) {
      heard(context);
      scripted.log.push("execute");
      for await (const answer of script(request, scripted)) yield answer;
    },
    async *reattachExecute({ lastResponseId }, context) {
      heard(context);
      scripted.log.push(`reattach after ${lastResponseId}`);
      for await (const answer of scripted.rest(lastResponseId)) yield answer;
    },
    releaseExecute({ release }) {
      const { case: what, value } = release;
      scripted.log.push(what === "releaseUntil" ? `release until ${value.responseId}` : "release");
      return {};
    },
    interrupt() {
      scripted.log.push("interrupt");
      return {};
    },
    releaseSession() {
      scripted.log.push("release session");
      return {};
    },
    config({ operation }, context) {
      heard(context);
      const set = operation?.opType.case === "set" ? operation.opType.value.pairs : [];
      scripted.log.push(...set.map(({ key, value }) => `${key}=${value}`));
      return { serverSideSessionId };
    },
    analyzePlan: () => ({ result: { case: "sparkVersion", value: { version: "4.1.0" } } }),
  };
  const unimplemented = () => {
    throw new ConnectError("not scripted", Code.Unimplemented);
  };
  // What a test overrides later has to be found then.
  const routed = new Proxy(service, {
    get: (_, name: keyof typeof service) =>
      function answer(...call: unknown[]) {
        const method: unknown = scripted.override[name] ?? service[name] ?? unimplemented;
        return (method as (...call: unknown[]) => unknown)(...call);
      },
  }) as ServiceImpl<typeof SparkConnectService>;
  const handler = connectNodeAdapter({
    routes: (router) => router.service(SparkConnectService, routed),
  });
  const server = tls ? http2.createSecureServer(tls, handler) : http2.createServer(handler);
  server.on("session", (session: http2.ServerHttp2Session) => {
    sessions.add(session);
    session.on("error", () => undefined);
    session.on("close", () => sessions.delete(session));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const drop = () => {
    for (const session of sessions) session.socket?.destroy();
  };
  const scripted: ScriptedServer = {
    url: `sc://127.0.0.1:${port}`,
    origin: `${tls ? "https" : "http"}://127.0.0.1:${port}`,
    log: [],
    tokens: [],
    headers: [],
    rest: () => [],
    override: {},
    drop,
    async [Symbol.asyncDispose]() {
      drop();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return scripted;
}

/** The statement of a query. */
export function statementOf(plan: Plan | undefined): string {
  let relation = plan?.opType.case === "root" ? plan.opType.value.relType : undefined;
  if (relation?.case === "limit") relation = relation.value.input?.relType;
  return relation?.case === "sql" ? relation.value.query : "";
}

/** How many rows a query asks for at the most; undefined for all. */
export function limitOf(plan: Plan | undefined): number | undefined {
  const relation = plan?.opType.case === "root" ? plan.opType.value.relType : undefined;
  return relation?.case === "limit" ? relation.value.limit : undefined;
}

/** A batch of integers from `start` on, in a column `n`. */
export function batch(responseId: string, start: number, rows: number): Answer {
  const values = Int32Array.from({ length: rows }, (_, index) => start + index);
  const data = arrow.tableToIPC(arrow.tableFromArrays({ n: values }), "stream");
  return {
    responseId,
    responseType: {
      case: "arrowBatch",
      value: { data, rowCount: BigInt(rows), startOffset: BigInt(start) },
    },
  };
}

export function complete(responseId: string): Answer {
  return { responseId, responseType: { case: "resultComplete", value: {} } };
}

export function tasks(responseId: string, done: number, of: number, read: number): Answer {
  const stage = {
    stageId: 1n,
    numTasks: BigInt(of),
    numCompletedTasks: BigInt(done),
    inputBytesRead: BigInt(read),
    done: done === of,
  };
  return {
    responseId,
    responseType: { case: "executionProgress", value: { stages: [stage] } },
  };
}

/** An error as Spark sends it: what it is, and where to ask for the whole of it. */
export function sparkError(message: string, metadata: Record<string, string>): ConnectError {
  const error = new ConnectError(message, Code.Internal);
  const info = { reason: "org.apache.spark.sql.AnalysisException", domain: "org.apache.spark" };
  error.details.push({ desc: ErrorInfoSchema, value: { ...info, metadata } });
  return error;
}
