import { randomUUID } from "node:crypto";

type Data = Readonly<Record<string, unknown>>;

/** What goes over a comm at once. https://jupyter-client.readthedocs.io/en/stable/messaging.html */
export interface CommMessage {
  readonly data: Data;
  readonly metadata: Data;
  readonly buffers: readonly Uint8Array[];
}

/** What may go with the data of a message. */
export interface CommExtras {
  readonly metadata?: Data;
  readonly buffers?: readonly Uint8Array[];
}

/** One end of a channel between the kernel and a widget in the front end. */
export interface Comm {
  readonly id: string;
  readonly target: string;
  /** Called with each message of the front end. */
  onMessage: (message: CommMessage) => void;
  /** Called when the front end has closed it. */
  onClose: (message: CommMessage) => void;
  send(data: Data, extras?: CommExtras): void;
  close(data?: Data, extras?: CommExtras): void;
}

type Publish = (type: string, content: Data, extras: CommExtras) => void;

/** The comms of one kernel, whichever end opened them. */
export class Comms {
  readonly #open = new Map<string, Comm>();
  readonly #targets = new Map<string, (comm: Comm, message: CommMessage) => void>();
  readonly #publish: Publish;

  constructor(publish: Publish) {
    this.#publish = publish;
  }

  /** Lets front ends open comms to `target`; `opened` is called with each. */
  register(target: string, opened: (comm: Comm, message: CommMessage) => void): void {
    this.#targets.set(target, opened);
  }

  /** Opens a comm to a target that the front end knows. */
  open(target: string, data: Data = {}, extras: CommExtras = {}): Comm {
    const comm = this.#create(randomUUID(), target);
    const content = { comm_id: comm.id, target_name: target, data };
    this.#publish("comm_open", content, extras);
    return comm;
  }

  /** The content of `comm_info_reply`, of one target or of all. */
  info(target: unknown): Data {
    const all = [...this.#open.values()].filter((comm) => !target || comm.target === target);
    return Object.fromEntries(all.map((comm) => [comm.id, { target_name: comm.target }]));
  }

  /** Handles `comm_open`, `comm_msg` and `comm_close`; one that nobody knows is closed. */
  receive(type: string, content: Data, message: CommMessage): void {
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
