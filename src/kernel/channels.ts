import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Publisher, Reply, Router } from "zeromq";
import type { Outgoing } from "./channel-messages.ts";
import { logError } from "./log-error.ts";
import { publishPatiently, SendQueue } from "./send-queue.ts";
import {
  type ConnectionInfo,
  channelAddress,
  type Message,
  newHeader,
  pack,
  unpack,
} from "./wire.ts";

/** Milliseconds for a closed socket to send what it has. */
const LINGER_MS = 5000;

/** Milliseconds after which a few small messages have been sent. */
const LEAVING_MS = 50;

type Receive = (channel: "shell" | "control" | "stdin", message: Message) => void;

/** The five sockets of a kernel. https://jupyter-client.readthedocs.io/en/stable/messaging.html */
export class Channels {
  readonly #connection: ConnectionInfo;
  readonly #session = randomUUID();
  readonly #iopub = new Publisher({ linger: LINGER_MS });
  readonly #heartbeat = new Reply({ linger: 0 });
  // A client gets as many replies as it sends requests: none is dropped.
  readonly #routers = {
    shell: new Router({ sendHighWaterMark: 0, linger: LINGER_MS }),
    control: new Router({ sendHighWaterMark: 0, linger: LINGER_MS }),
    stdin: new Router({ sendHighWaterMark: 0, linger: LINGER_MS }),
  };
  readonly #published = new SendQueue(publishPatiently(this.#iopub));
  readonly #replies = {
    shell: new SendQueue((frames) => this.#routers.shell.send(frames)),
    control: new SendQueue((frames) => this.#routers.control.send(frames)),
    stdin: new SendQueue((frames) => this.#routers.stdin.send(frames)),
  };

  constructor(connection: ConnectionInfo) {
    this.#connection = connection;
  }

  /** @throws Error with code `EADDRINUSE` when a port is taken */
  async listen(receive: Receive): Promise<void> {
    await Promise.all([
      this.#iopub.bind(channelAddress(this.#connection, "iopub")),
      this.#heartbeat.bind(channelAddress(this.#connection, "hb")),
      ...(["shell", "control", "stdin"] as const).map((name) =>
        this.#routers[name].bind(channelAddress(this.#connection, name)),
      ),
    ]);
    for (const name of ["shell", "control", "stdin"] as const) void this.#read(name, receive);
    void this.#beat();
  }

  /** Sends to every client; `sent` is called once it has left the queue. */
  publish(message: Outgoing, sent?: () => void): void {
    this.#published.add(this.#frames(message, [Buffer.from(message.type)]), sent);
  }

  reply(
    channel: "shell" | "control" | "stdin",
    identities: readonly Uint8Array[],
    message: Outgoing,
  ): void {
    this.#replies[channel].add(this.#frames(message, identities));
  }

  /** Sends what is queued, in at most `limit` milliseconds, and closes the sockets. */
  async close(limit: number): Promise<void> {
    await Promise.race([this.#sent(), sleep(limit)]);
    for (const socket of [this.#iopub, this.#heartbeat, ...Object.values(this.#routers)]) {
      socket.close();
    }
  }

  async #sent(): Promise<void> {
    const status = { type: "status", content: '{"execution_state":"idle"}', parent: {} };
    // ZeroMQ takes the second when the first goes out, behind all that was published before.
    this.publish(status);
    this.publish(status);
    await Promise.all([this.#published, ...Object.values(this.#replies)].map((q) => q.drained()));
    // ZeroMQ still reads the memory of replies, and does not say when it is done.
    await sleep(LEAVING_MS);
  }

  #frames({ type, ...message }: Outgoing, identities: readonly Uint8Array[]): Uint8Array[] {
    const header = newHeader(type, this.#session);
    return pack(this.#connection.key, { ...message, identities, header });
  }

  async #read(name: "shell" | "control" | "stdin", receive: Receive): Promise<void> {
    for await (const frames of this.#routers[name]) {
      try {
        receive(name, unpack(this.#connection.key, frames));
      } catch (error) {
        logError(error);
      }
    }
  }

  async #beat(): Promise<void> {
    for await (const frames of this.#heartbeat) await this.#heartbeat.send(frames);
  }
}
