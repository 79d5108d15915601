import { randomUUID } from "node:crypto";
import { userInfo } from "node:os";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { type CallOptions, type Client, createClient, type Interceptor } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { readPackage } from "../core/package.ts";
import { redact } from "../core/redact.ts";
import { isTransient } from "./connection-failure.ts";
import { Connection } from "./grpc-connection.ts";
import {
  InterruptRequest_InterruptType,
  type PlanSchema,
  SparkConnectService,
  type UserContextSchema,
} from "./protocol/spark-connect_pb.ts";
import type { SparkAddress } from "./spark-address.ts";
import type { TokenSource } from "./spark-server.ts";

/** A relation, whose rows are the result, or a command. */
export type Plan = MessageInitShape<typeof PlanSchema>;

export interface ClientOptions {
  readonly ca?: string;
  readonly token?: TokenSource;
  readonly reconnectFor?: number;
}

/** Fields of every request that identify the client. */
export interface Requester {
  readonly sessionId: string;
  readonly userContext: MessageInitShape<typeof UserContextSchema>;
  readonly clientType: string;
  readonly clientObservedServerSideSessionId?: string;
}

const RECONNECT_FOR = 15_000;

/** Time limit of requests that start no job, in milliseconds. */
export const ANSWER_TIMEOUT_MS = 30_000;

/** A client of Spark Connect for one session on one server. */
export class SparkClient {
  readonly origin: string;
  readonly sessionId: string;
  /** How long to retry a lost connection before a statement fails, in milliseconds. */
  readonly reconnectFor: number;
  readonly calls: Client<typeof SparkConnectService>;
  readonly #connection: Connection;
  readonly #userId: string;
  /** Tokens sent to the server, to be redacted. */
  readonly #sent = new Set<string>();
  readonly #afterwards = new Set<Promise<unknown>>();
  #serverSide: string | undefined;

  constructor(address: SparkAddress, { ca, token, reconnectFor = RECONNECT_FOR }: ClientOptions) {
    this.origin = address.origin;
    this.reconnectFor = reconnectFor;
    this.sessionId = address.sessionId ?? randomUUID();
    this.#userId = address.userId ?? nameOfUser();
    this.#connection = new Connection(address.origin, { ...(ca && { ca }) });
    const transport = createGrpcTransport({
      baseUrl: address.origin,
      sessionManager: this.#connection,
      // On the same machine, compression costs more than it saves.
      ...(address.isLoopback && { acceptCompression: [] }),
      interceptors: [withHeaders(address.headers, () => this.#tokenText(token))],
    });
    this.calls = createClient(SparkConnectService, transport);
  }

  /** Redacts the token in a server's text. */
  clean(text: string): string {
    return redact(text, this.#sent);
  }

  async #tokenText(token: TokenSource | undefined): Promise<string | undefined> {
    const text = typeof token === "function" ? await token() : token;
    if (text) this.#sent.add(text);
    return text;
  }

  get requester(): Requester {
    return {
      sessionId: this.sessionId,
      userContext: { userId: this.#userId, userName: this.#userId },
      clientType: CLIENT_TYPE,
      ...(this.#serverSide && { clientObservedServerSideSessionId: this.#serverSide }),
    };
  }

  /** Records the server-side session id of replies. It must not change within a session. */
  noteServerSession<Reply extends { readonly serverSideSessionId: string }>(reply: Reply): Reply {
    if (reply.serverSideSessionId) this.#serverSide = reply.serverSideSessionId;
    return reply;
  }

  /** Sets configuration of the session. */
  async configure(pairs: Readonly<Record<string, string>>, options?: CallOptions): Promise<void> {
    const set = { pairs: Object.entries(pairs).map(([key, value]) => ({ key, value })) };
    const operation = { opType: { case: "set", value: set } } as const;
    this.noteServerSession(
      await this.calls.config({ ...this.requester, operation }, withTimeout(options)),
    );
  }

  /** The server's version of Spark; undefined if it reports none. */
  async version(): Promise<string | undefined> {
    const analyze = { case: "sparkVersion", value: {} } as const;
    try {
      const reply = await this.calls.analyzePlan({ ...this.requester, analyze }, withTimeout());
      const { result } = this.noteServerSession(reply);
      return result.case === "sparkVersion" ? result.value.version : undefined;
    } catch (error) {
      // Sail only knows the version of PySpark if that is installed beside it.
      if (isTransient(error)) throw error;
      return undefined;
    }
  }

  /** Interrupts a running operation. */
  async interrupt(operationId: string): Promise<void> {
    const interrupt = { case: "operationId", value: operationId } as const;
    const request = {
      ...this.requester,
      interruptType: InterruptRequest_InterruptType.OPERATION_ID,
      interrupt,
    };
    await this.calls.interrupt(request, { timeoutMs: 5000 });
  }

  /** Lets a request finish in the background; its failure is ignored. */
  afterwards(request: Promise<unknown>): void {
    const settled = request.catch(() => undefined).finally(() => this.#afterwards.delete(settled));
    this.#afterwards.add(settled);
  }

  /** Ends the session on the server: its operations, temporary views and configuration. */
  async release(): Promise<void> {
    await Promise.all(this.#afterwards);
    await this.calls.releaseSession(this.requester, { timeoutMs: 5000 });
  }

  close(): void {
    this.#connection.close();
  }
}

const CLIENT_TYPE = `notelake/${readPackage().version} node/${process.versions.node}`;

/** Servers without authentication display this user name; other clients send it, too. */
function nameOfUser(): string {
  try {
    return userInfo().username;
  } catch {
    return "notelake";
  }
}

export function withTimeout(options: CallOptions = {}): CallOptions {
  return { timeoutMs: ANSWER_TIMEOUT_MS, ...options };
}

function withHeaders(
  headers: Readonly<Record<string, string>>,
  token: () => Promise<string | undefined>,
): Interceptor {
  return (next) => async (request) => {
    for (const [name, value] of Object.entries(headers)) request.header.set(name, value);
    const text = await token();
    if (text) request.header.set("authorization", `Bearer ${text}`);
    return next(request);
  };
}
