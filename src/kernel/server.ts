import { randomUUID } from "node:crypto";
import { Publisher, Reply, Router } from "zeromq";
import {
  type ConnectionInfo,
  channelAddress,
  type Message,
  newHeader,
  pack,
  unpack,
} from "./wire.ts";

type Content = Record<string, unknown>;

/** Content of the reply to a request; undefined for a request that has no reply. */
export type Handle = (request: Message) => Promise<Content | undefined> | Content | undefined;

/** The five sockets of a kernel. */
export class KernelServer {
  readonly #connection: ConnectionInfo;
  readonly #session = randomUUID();
  // No high-water mark: nothing is dropped when a cell prints faster than it is read.
  readonly #iopub = new Publisher({ sendHighWaterMark: 0 });
  readonly #shell = new Router({ sendHighWaterMark: 0 });
  readonly #control = new Router({ sendHighWaterMark: 0 });
  readonly #stdin = new Router();
  readonly #heartbeat = new Reply();

  constructor(connection: ConnectionInfo) {
    this.#connection = connection;
  }

  /** @throws Error with code `EADDRINUSE` when a port is taken */
  async listen(handle: Handle): Promise<void> {
    await Promise.all([
      this.#iopub.bind(channelAddress(this.#connection, "iopub")),
      this.#shell.bind(channelAddress(this.#connection, "shell")),
      this.#control.bind(channelAddress(this.#connection, "control")),
      this.#stdin.bind(channelAddress(this.#connection, "stdin")),
      this.#heartbeat.bind(channelAddress(this.#connection, "hb")),
    ]);
    void this.#serve(this.#shell, handle);
    void this.#serve(this.#control, handle);
    void this.#beat();
  }

  /** Sends to every client; `parent` is the request it belongs to. */
  publish(type: string, content: Content, parent?: Message): void {
    void this.#iopub.send(this.#frames(type, content, parent, [Buffer.from(type)]));
  }

  #frames(type: string, content: Content, parent?: Message, identities: Uint8Array[] = []) {
    const header = newHeader(type, this.#session);
    return pack(this.#connection.key, {
      identities,
      header,
      parent: parent?.header ?? {},
      content,
    });
  }

  /** Requests overlap: a completion is answered while a cell runs. */
  async #serve(socket: Router, handle: Handle): Promise<void> {
    for await (const frames of socket) {
      try {
        void this.#answer(socket, unpack(this.#connection.key, frames), handle);
      } catch (error) {
        log(error);
      }
    }
  }

  async #answer(socket: Router, request: Message, handle: Handle): Promise<void> {
    this.publish("status", { execution_state: "busy" }, request);
    try {
      const content = await handle(request);
      const type = request.header.msg_type.replace(/_request$/, "_reply");
      if (content) await socket.send(this.#frames(type, content, request, [...request.identities]));
    } catch (error) {
      log(error);
    }
    this.publish("status", { execution_state: "idle" }, request);
  }

  async #beat(): Promise<void> {
    for await (const frames of this.#heartbeat) await this.#heartbeat.send(frames);
  }
}

const write = process.stderr.write.bind(process.stderr);

/** To the terminal that Jupyter runs in: standard error belongs to the cells. */
function log(error: unknown): void {
  write(`notelake kernel: ${error instanceof Error ? error.stack : String(error)}\n`);
}
