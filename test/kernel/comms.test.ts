import { afterAll, beforeAll, expect, test } from "vitest";
import { Dealer } from "zeromq";
import { NotelakeError } from "../../src/core/errors.ts";
import { channelAddress, type Message, newHeader, pack } from "../../src/kernel/wire.ts";
import { openComm, registerCommTarget } from "../../src/show/comm-targets.ts";
import { openSession, type Session } from "./session.ts";

let session: Session;
beforeAll(async () => {
  session = await openSession(import.meta.dirname);
});
afterAll(() => session.client.shutdown());

const only = (messages: readonly Message[], type: string) =>
  messages.filter(({ header }) => header.msg_type === type);

test("a cell opens a comm, sends and closes, with binary parts", async () => {
  const { messages } = await session.run(`
import { openComm } from "notelake";
const comm = openComm("plot", { width: 3 }, { metadata: { version: "2.1.0" } });
comm.send({ point: 1 }, { buffers: [new Uint8Array([1, 2, 3])] });
comm.close();`);
  const [opened] = only(messages, "comm_open");
  expect(opened).toMatchObject({
    content: { target_name: "plot", data: { width: 3 } },
    metadata: { version: "2.1.0" },
  });
  const [sent] = only(messages, "comm_msg");
  expect(sent?.content).toEqual({ comm_id: opened?.content.comm_id, data: { point: 1 } });
  expect(sent?.buffers?.map((each) => [...each])).toEqual([[1, 2, 3]]);
  expect(only(messages, "comm_close")).toHaveLength(1);
  expect(await session.ask("comm_info_request")).toEqual({ status: "ok", comms: {} });
});

test("a front end opens a comm to a target, is answered, and sees it closed", async () => {
  await session.run(`
import { registerCommTarget } from "notelake";
registerCommTarget("echo", (comm, { data }) => {
  comm.send({ welcome: data });
  comm.onMessage = (message) => comm.send({ echo: message.data, bytes: message.buffers.length });
  comm.onClose = () => console.log("closed");
});`);
  const seen: Message[] = [];
  session.client.onLate = (message) => seen.push(message);
  const { connection } = session.client.kernel;
  const socket = new Dealer({ linger: 0 });
  socket.connect(channelAddress(connection, "shell"));
  const send = (type: string, content: Record<string, unknown>, buffers: Uint8Array[] = []) => {
    const header = newHeader(type, "front end");
    const message = { identities: [], header, parent: {}, content, buffers };
    return socket.send(pack(connection.key, message));
  };
  await send("comm_open", { comm_id: "one", target_name: "echo", data: { a: 1 } });
  await send("comm_msg", { comm_id: "one", data: { b: 2 } }, [new Uint8Array(2)]);
  await send("comm_close", { comm_id: "one", data: {} });
  await send("comm_open", { comm_id: "two", target_name: "nobody knows", data: {} });
  await expect.poll(() => only(seen, "comm_close")).toHaveLength(1);
  socket.close();
  expect(only(seen, "comm_msg").map(({ content }) => content)).toEqual([
    { comm_id: "one", data: { welcome: { a: 1 } } },
    { comm_id: "one", data: { echo: { b: 2 }, bytes: 1 } },
  ]);
  expect(only(seen, "stream").map(({ content }) => content.text)).toEqual(["closed\n"]);
  expect(only(seen, "comm_close")[0]?.content).toEqual({ comm_id: "two", data: {} });
});

test("elsewhere there is no front end, and a clear error", () => {
  expect(() => openComm("plot")).toThrow("there is no front end to open a comm to");
  expect(() => registerCommTarget("echo", () => {})).toThrow(NotelakeError);
});
