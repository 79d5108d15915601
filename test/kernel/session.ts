import type { Message } from "../../src/kernel/wire.ts";
import { KernelClient } from "../../src/runner/kernel-client.ts";

/** What one cell sent and replied. */
export interface CellReply {
  readonly reply: Record<string, unknown>;
  readonly messages: readonly Message[];
  /** Standard output, joined. */
  readonly printed: string;
  /** `text/plain` of its value. */
  readonly value: unknown;
}

interface RunOptions extends Record<string, unknown> {
  readonly onOutput?: (message: Message) => void;
}

/** A kernel for the cells of one test file. */
export interface Session {
  readonly client: KernelClient;
  /** Options are those of the request, and `onOutput`, called with each message of the cell. */
  run(code: string, options?: RunOptions): Promise<CellReply>;
  ask(type: string, content?: Record<string, unknown>): Promise<Record<string, unknown>>;
}

interface SessionOptions {
  /** Starts another kernel than ours; the connection file's path follows it. */
  readonly command?: readonly string[];
  /** A kernel as `notelake run` has it: it loads no declarations before a cell needs them. */
  readonly headless?: boolean;
}

export async function openSession(cwd: string, options: SessionOptions = {}): Promise<Session> {
  const { headless = false, ...other } = options;
  const env = headless ? { ...process.env, NOTELAKE_HEADLESS: "1" } : process.env;
  const client = await KernelClient.start({ cwd, env, limit: 30_000, ...other });
  return {
    client,
    ask: (type, content = {}) => client.request(type, content, { limit: 30_000 }),
    async run(code, { onOutput: seen, ...options } = {}) {
      const messages: Message[] = [];
      const request = { code, silent: false, stop_on_error: true, ...options };
      const onOutput = (message: Message) => {
        messages.push(message);
        if (message.header.msg_type !== "execute_input") seen?.(message);
      };
      const reply = await client.request("execute_request", request, { onOutput, limit: 30_000 });
      const printed = messages
        .filter(({ content }) => content.name === "stdout")
        .map(({ content }) => content.text)
        .join("");
      const result = messages.find(({ header }) => header.msg_type === "execute_result");
      const data = result?.content.data as Record<string, unknown> | undefined;
      return { reply, messages, printed, value: data?.["text/plain"] };
    },
  };
}
