import { expect, test } from "vitest";
import type { Message } from "../../src/kernel/wire.ts";
import type { CellOutput } from "../../src/runner/notebook.ts";
import { OutputCollector } from "../../src/runner/output-collector.ts";

/** What a cell shows after these messages, each with the outputs behind it. */
function collect(...messages: [type: string, content: Record<string, unknown>][]): string[] {
  const collector = new OutputCollector();
  const outputs: CellOutput[] = [];
  return messages.map(([type, content]) => {
    const header = { msg_type: type } as Message["header"];
    collector.add(outputs, { header, content } as Message);
    return outputs.map((output) => ("text" in output ? output.text.join("") : "?")).join("|");
  });
}
const print = (text: string, name = "stdout"): [string, Record<string, unknown>] => [
  "stream",
  { name, text },
];

test("a line that was not ended goes on, and each stream is by itself", () => {
  expect(collect(print("a"), print("b\nc"), print("\nd"), print("e", "stderr"))).toEqual([
    "a",
    "ab\nc",
    "ab\nc\nd",
    "ab\nc\nd|e",
  ]);
});

test("clearing happens at once, or with the next output", () => {
  expect(collect(print("a"), ["clear_output", { wait: false }], print("b"))).toEqual([
    "a",
    "",
    "b",
  ]);
  expect(collect(print("a"), ["clear_output", { wait: true }], print("b"))).toEqual([
    "a",
    "a",
    "b",
  ]);
});
