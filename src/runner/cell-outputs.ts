import type { Message } from "../kernel/wire.ts";
import type { CellProblem } from "./cell-error.ts";
import { hasTag, RAISES } from "./cell-tags.ts";
import { toProblem } from "./execute-cell.ts";
import type { Notebook } from "./notebook.ts";
import { OutputCollector } from "./output-collector.ts";

/** Brings what the kernel shows to the cell that it comes from, however late it comes. */
export class CellOutputs {
  /** What failed in a cell after its reply, by the cell's number. */
  readonly late = new Map<number, CellProblem>();
  readonly #notebook: Notebook;
  readonly #collector = new OutputCollector();
  /** Which cell each request ran. */
  readonly #owners = new Map<string, number>();

  constructor(notebook: Notebook) {
    this.#notebook = notebook;
  }

  /** Takes a message of the cell that runs. */
  add(index: number, message: Message): void {
    this.#owners.set(message.parent.msg_id ?? "", index);
    this.#collector.add(this.#notebook.cells[index]?.outputs ?? [], message);
  }

  /** Takes a message of a cell that has ended. */
  addLate(message: Message): void {
    const index = this.#owners.get(message.parent.msg_id ?? "");
    const cell = index === undefined ? undefined : this.#notebook.cells[index];
    if (index === undefined || !cell) return;
    this.#collector.add(cell.outputs ?? [], message);
    if (message.header.msg_type === "error" && !hasTag(cell, RAISES) && !this.late.has(index)) {
      this.late.set(index, toProblem(message.content));
    }
  }
}
