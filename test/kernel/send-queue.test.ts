import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { Publisher, Subscriber } from "zeromq";
import { publishPatiently, SendQueue } from "../../src/kernel/send-queue.ts";

// Real sockets of ZeroMQ. The system keeps some 40 MB between two of them.

const BYTES = 64 * 1024;
const opened: (Publisher | Subscriber)[] = [];
afterEach(() => {
  for (const socket of opened.splice(0)) socket.close();
});

async function openPublisher(stuckAfter?: number) {
  const publisher = new Publisher({ linger: 0 });
  opened.push(publisher);
  const queue = new SendQueue(publishPatiently(publisher, stuckAfter));
  await publisher.bind("tcp://127.0.0.1:*");
  const address = publisher.lastEndpoint ?? "";
  /** Adds a message that is its number, or that and as many bytes. */
  const add = (n: number, bytes = 0) => {
    const frame = Buffer.alloc(4 + bytes);
    frame.writeUInt32LE(n);
    queue.add([frame]);
  };
  return { address, add, drained: () => queue.drained() };
}

/** A subscriber that has one message waiting, and the numbers of what it has read. */
async function openSubscriber(address: string, announce: () => void) {
  const socket = new Subscriber({ receiveHighWaterMark: 1 });
  opened.push(socket);
  socket.connect(address);
  socket.subscribe();
  const got: number[] = [];
  const readOne = async () => got.push((await socket.receive())[0]?.readUInt32LE() ?? -1);
  const first = readOne();
  // Until it is known to the publisher, it misses what is sent.
  for (
    let ready = false;
    !ready;
    ready = await Promise.race([first.then(() => true), sleep(10)]).then(Boolean)
  ) {
    announce();
  }
  return { got, readOne };
}

test("all get all, in order, at the pace of the slowest", async () => {
  const { address, add, drained } = await openPublisher();
  const quick = await openSubscriber(address, () => add(0));
  const slow = await openSubscriber(address, () => add(0));
  const count = 1200;
  for (let n = 1; n <= count; n++) add(n, BYTES);
  const read = async ({ got, readOne }: typeof quick, pause: () => Promise<unknown>) => {
    while (got.at(-1) !== count) {
      await readOne();
      await pause();
    }
    return got.filter((n) => n > 0);
  };
  const all = Array.from({ length: count }, (_, n) => n + 1);
  expect(await Promise.all([read(quick, nextTurn), read(slow, () => sleep(1))])).toEqual([
    all,
    all,
  ]);
  await drained();
});

test("one that reads nothing keeps the others for a while only, and hears again once it reads", async () => {
  const { address, add, drained } = await openPublisher(300);
  const stuck = await openSubscriber(address, () => add(0));
  const other = await openSubscriber(address, () => add(0));
  const count = 1000;
  for (let n = 1; n <= count; n++) {
    add(n, BYTES);
    while (other.got.at(-1) !== n) await other.readOne();
  }
  expect(other.got.filter((n) => n > 0)).toEqual(Array.from({ length: count }, (_, n) => n + 1));
  await drained();
  // What lies between them comes, then what is sent from now on.
  let n = count;
  const goOn = setInterval(() => add(++n), 50);
  try {
    while ((stuck.got.at(-1) ?? 0) <= count) await stuck.readOne();
  } finally {
    clearInterval(goOn);
  }
  expect(stuck.got.filter((each) => each > 0 && each <= count).length).toBeLessThan(count);
});
