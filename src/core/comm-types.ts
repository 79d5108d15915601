/** JSON that goes over a comm. */
export type CommData = Readonly<Record<string, unknown>>;

/** A message of a comm. https://jupyter-client.readthedocs.io/en/stable/messaging.html */
export interface CommMessage {
  readonly data: CommData;
  readonly metadata: CommData;
  readonly buffers: readonly Uint8Array[];
}

/** Metadata and buffers of a message. */
export interface CommExtras {
  readonly metadata?: CommData;
  readonly buffers?: readonly Uint8Array[];
}

/** One end of a channel between the kernel and a widget in the front end. */
export interface Comm {
  readonly id: string;
  /** Name of the widget in the front end. */
  readonly target: string;
  /** Called with each message of the front end. */
  onMessage: (message: CommMessage) => void;
  /** Called when the front end has closed it. */
  onClose: (message: CommMessage) => void;
  /** Sends a message to the front end. */
  send(data: CommData, extras?: CommExtras): void;
  /** Closes the channel, and tells the front end. */
  close(data?: CommData, extras?: CommExtras): void;
}

/** What the notebook kernel leaves on `globalThis` under the symbol `notelake.comms`. */
export interface Comms {
  /** Lets front ends open comms to `target`; `opened` is called with each. */
  register(target: string, opened: (comm: Comm, message: CommMessage) => void): void;
  /** Opens a comm to a target that the front end knows. */
  open(target: string, data?: CommData, extras?: CommExtras): Comm;
}
