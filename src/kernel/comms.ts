import { randomUUID } from "node:crypto";
import type { Comm, CommData, CommExtras, CommMessage, Comms } from "../core/comm-types.ts";

type Publish = (type: string, content: CommData, extras: CommExtras) => void;

/** The open comms of a kernel. */
export class KernelComms implements Comms {
  readonly #open = new Map<string, Comm>();
  readonly #targets = new Map<string, (comm: Comm, message: CommMessage) => void>();
  readonly #publish: Publish;

  constructor(publish: Publish) {
    this.#publish = publish;
  }

  register(target: string, opened: (comm: Comm, message: CommMessage) => void): void {
    this.#targets.set(target, opened);
  }

  open(target: string, data: CommData = {}, extras: CommExtras = {}): Comm {
    const comm = this.#create(randomUUID(), target);
    const content = { comm_id: comm.id, target_name: target, data };
    this.#publish("comm_open", content, extras);
    return comm;
  }

  /** The content of `comm_info_reply`, of one target or of all. */
  info(target: unknown): CommData {
    const all = [...this.#open.values()].filter((comm) => !target || comm.target === target);
    return Object.fromEntries(all.map((comm) => [comm.id, { target_name: comm.target }]));
  }

  /** Handles `comm_open`, `comm_msg` and `comm_close`; closes a comm of an unknown target. */
  receive(type: string, content: CommData, message: CommMessage): void {
    const id = String(content.comm_id);
    if (type === "comm_open") {
      const target = String(content.target_name);
      const opened = this.#targets.get(target);
      if (opened) opened(this.#create(id, target), message);
      else this.#publish("comm_close", { comm_id: id, data: {} }, {});
      return;
    }
    const comm = this.#open.get(id);
    if (type === "comm_close") this.#open.delete(id);
    if (type === "comm_close") comm?.onClose(message);
    else comm?.onMessage(message);
  }

  #create(id: string, target: string): Comm {
    const comm: Comm = {
      id,
      target,
      onMessage: () => {},
      onClose: () => {},
      send: (data, extras = {}) => this.#publish("comm_msg", { comm_id: id, data }, extras),
      close: (data = {}, extras = {}) => {
        if (this.#open.delete(id)) this.#publish("comm_close", { comm_id: id, data }, extras);
      },
    };
    this.#open.set(id, comm);
    return comm;
  }
}
