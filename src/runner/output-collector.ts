import type { Message } from "../kernel/wire.ts";
import { type CellOutput, type OutputData, toLines } from "./notebook.ts";

/** Textual MIME types whose content nbformat stores as one string, not as lines. */
const WHOLE = /^(application\/.*json|image\/(?!svg))/;

/** Collects the outputs of a notebook's cells as a front end does. */
export class OutputCollector {
  /** The output of each display id: an update may come while another cell runs. */
  readonly #displays = new Map<string, CellOutput>();
  readonly #clearing = new Set<CellOutput[]>();

  /** Adds a message's content to the outputs of its cell. */
  add(outputs: CellOutput[], { header, content }: Message): void {
    const type = header.msg_type;
    if (type === "clear_output") {
      if (content.wait) this.#clearing.add(outputs);
      else outputs.length = 0;
      return;
    }
    if (type === "update_display_data") {
      const shown = this.#displays.get(displayId(content));
      if (shown && "data" in shown) shown.data = toData(content.data);
      return;
    }
    const output = toOutput(type, content);
    if (!output) return;
    if (this.#clearing.delete(outputs)) outputs.length = 0;
    const last = outputs.at(-1);
    if (output.output_type === "stream" && last?.output_type === "stream") {
      if (last.name === output.name) {
        append(last.text, output.text);
        return;
      }
    }
    outputs.push(output);
    if (displayId(content)) this.#displays.set(displayId(content), output);
  }
}

/** Continues the last line if it has no line end; does not copy the others. */
function append(lines: string[], [first = "", ...more]: readonly string[]): void {
  const last = lines.at(-1);
  if (last === undefined || last.endsWith("\n")) lines.push(first);
  else lines[lines.length - 1] = last + first;
  for (const line of more) lines.push(line);
}

function toOutput(type: string, content: Record<string, unknown>): CellOutput | undefined {
  switch (type) {
    case "stream":
      return {
        output_type: type,
        name: content.name === "stderr" ? "stderr" : "stdout",
        text: toLines(String(content.text)),
      };
    case "display_data":
      return { output_type: type, data: toData(content.data), metadata: {} };
    case "execute_result":
      return {
        output_type: type,
        data: toData(content.data),
        execution_count: Number(content.execution_count),
        metadata: {},
      };
    case "error":
      return {
        output_type: type,
        ename: String(content.ename),
        evalue: String(content.evalue),
        traceback: Array.isArray(content.traceback) ? content.traceback.map(String) : [],
      };
    default:
      return undefined;
  }
}

function toData(data: unknown): OutputData {
  return Object.fromEntries(
    Object.entries(data ?? {}).map(([mime, value]) => [
      mime,
      typeof value === "string" && !WHOLE.test(mime) ? toLines(value) : value,
    ]),
  );
}

function displayId(content: Record<string, unknown>): string {
  const transient = content.transient as { display_id?: string } | undefined;
  return transient?.display_id ?? "";
}
