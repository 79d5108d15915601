import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, Worker, workerData } from "node:worker_threads";
import {
  type ChannelThreadData,
  type FromChannels,
  type Outgoing,
  type RunningCell,
  Shared,
  type ToChannels,
} from "./channel-messages.ts";
import { Channels } from "./channels.ts";
import { signalChildren } from "./child-processes.ts";
import { Interrupter } from "./interrupt.ts";
import { KERNEL_INFO } from "./kernel-info.ts";
import { StreamJoiner } from "./stream-joiner.ts";
import { watchOwner } from "./watch-owner.ts";

import type { Message } from "./wire.ts";

// The thread of the kernel's sockets. It answers what must be answered while a cell blocks or the
// compiler loads, and passes the rest to the main thread.
const { connection, shared } = workerData as ChannelThreadData;
const counters = new Int32Array(shared);
const channels = new Channels(connection);
let running: RunningCell | undefined;
let forcing: NodeJS.Timeout | undefined;

/** Milliseconds for the main thread to end by itself. */
const GRACEFUL_MS = 2000;
/** Milliseconds for clients to take what was sent, when the main thread ends. */
const CLOSE_MS = 4500;
/** Milliseconds for the sockets to send the last messages. */
const LAST_WORDS_MS = 300;
/** Milliseconds in which requests that were sent before arrive at the sockets. */
const READING_MS = 30;
/** Delayed, as the start of a kernel has more urgent work. */
const SIGNAL_WATCH_DELAY_MS = 1000;

const toMain = (message: FromChannels) => parentPort?.postMessage(message);
const say = (type: string, content: object, parent?: RunningCell): Outgoing => ({
  type,
  content: JSON.stringify(content),
  parent: parent?.header ?? {},
});
const status = (state: "busy" | "idle", parent: RunningCell) =>
  send(say("status", { execution_state: state }, parent), 0);

const streams = new StreamJoiner(({ name, text, parent, size }) =>
  send({ type: "stream", content: JSON.stringify({ name, text }), parent }, size),
);
const interrupter = new Interrupter({
  ask: () => toMain({ op: "interrupt" }),
  isProtected: () => Atomics.load(counters, Shared.protected) === 1,
  report: (text) => streams.add({ name: "stderr", text, parent: running?.header ?? {}, size: 0 }),
  end: (reason) => void endByForce(reason),
});

parentPort?.on("message", (message: ToChannels) => {
  switch (message.op) {
    case "publish":
      publish(message.message, message.size);
      break;
    case "stream":
      streams.add(message.piece);
      break;
    case "reply":
      channels.reply(message.channel, message.identities, message.message);
      break;
    case "running":
      running = message.cell;
      if (running) status("busy", running);
      break;
    case "signalled":
      interrupter.interrupt();
      break;
    case "reached":
      interrupter.reached();
      break;
    case "read":
      setTimeout(() => toMain({ op: "read" }), READING_MS);
      break;
    case "ending":
      endAfter(message.within + GRACEFUL_MS);
      break;
    case "close":
      void close();
  }
});

channels.listen(receive).then(
  () => toMain({ op: "listening" }),
  ({ code, message }) => toMain({ op: "failed", code, message }),
);
watchOwner(end);
setTimeout(watchSignals, SIGNAL_WATCH_DELAY_MS).unref();

function receive(channel: "shell" | "control" | "stdin", message: Message): void {
  if (channel === "stdin") {
    toMain({ op: "input", value: String(message.content.value) });
    return;
  }
  const content = answer(message);
  if (!content) {
    toMain({ op: "request", channel, message });
    return;
  }
  status("busy", message);
  const type = message.header.msg_type.replace(/_request$/, "_reply");
  channels.reply(channel, message.identities, say(type, content, message));
  if (type === "shutdown_reply") send(say(type, content, message), 0);
  idle(message);
}

/** The reply to a request that does not need the main thread. */
function answer({ header, content }: Message): object | undefined {
  switch (header.msg_type) {
    case "kernel_info_request":
      return KERNEL_INFO;
    case "interrupt_request":
      interrupter.interrupt();
      return { status: "ok" };
    case "shutdown_request":
      // After the reply is sent.
      setImmediate(end);
      return { status: "ok", restart: content.restart === true };
    case "debug_request": {
      const { seq, command } = content;
      const message = "this kernel has no debugger";
      return { type: "response", request_seq: seq, command, success: false, message };
    }
    default:
      return undefined;
  }
}

function publish(message: Outgoing, size: number): void {
  send(message, size);
  const { type, parent } = message;
  if (type === "status" && parent.msg_id !== running?.header.msg_id) stayBusy();
}

function send(message: Outgoing, size: number): void {
  if (message.type !== "stream") streams.flush();
  channels.publish(message, () => {
    Atomics.sub(counters, Shared.unsent, size);
    Atomics.notify(counters, Shared.unsent);
  });
}

function idle(parent: RunningCell): void {
  status("idle", parent);
  stayBusy();
}

/** Keeps the status busy after a completion during a cell. */
function stayBusy(): void {
  if (running) status("busy", running);
}

async function close(): Promise<void> {
  streams.flush();
  // Tells clients that no more output comes.
  if (running) status("idle", running);
  await channels.close(CLOSE_MS);
  Atomics.store(counters, Shared.closed, 1);
  Atomics.notify(counters, Shared.closed);
  // The process ends this thread at once, and aborts when ZeroMQ is called meanwhile and throws.
  Atomics.wait(counters, Shared.closed, 1);
}

/** Ends the kernel: by the main thread, or else by force. */
function end(): void {
  toMain({ op: "end" });
  endAfter(GRACEFUL_MS);
}

function endAfter(milliseconds: number): void {
  clearTimeout(forcing);
  forcing = setTimeout(() => void endByForce(), milliseconds);
}

async function endByForce(reason?: string): Promise<void> {
  if (running && reason) {
    const failure = { ename: "KernelEnded", evalue: reason };
    const content = { ...failure, traceback: [`KernelEnded: ${reason}`] };
    send(say("error", content, running), 0);
    const reply = say("execute_reply", { status: "error", ...content }, running);
    channels.reply("shell", running.identities, reply);
    status("idle", running);
  }
  await channels.close(GRACEFUL_MS);
  await sleep(LAST_WORDS_MS);
  signalChildren("SIGTERM");
  process.kill(process.pid, "SIGKILL");
}

function watchSignals(): void {
  const file = import.meta.url.endsWith(".ts") ? "./signal-watch.ts" : "./signal-watch.js";
  const watch = new Worker(new URL(file, import.meta.url));
  watch.on("message", () => interrupter.interrupt());
}
