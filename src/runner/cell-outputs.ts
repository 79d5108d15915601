import type { Message } from "../kernel/wire.ts";
import type { CellProblem } from "./cell-error.ts";
import { hasTag, RAISES } from "./cell-tags.ts";
import { toProblem } from "./execute-cell.ts";
import type { Notebook } from "./notebook.ts";
import { OutputCollector } from "./output-collector.ts";

/** Assigns output messages to the cells that caused them, also after a cell's reply. */
export class CellOutputs {
  /** Errors raised after a cell's reply, by the cell's number. */
  readonly late = new Map<number, CellProblem>();
  readonly #notebook: Notebook;
  readonly #collector = new OutputCollector();
  /** Number of the cell, by the id of its execute request. */
  readonly #owners = new Map<string, number>();

  constructor(notebook: Notebook) {
    this.#notebook = notebook;
  }

  /** Adds a message of the running cell. */
  add(index: number, message: Message): void {
    this.#owners.set(message.parent.msg_id ?? "", index);
    this.#collector.add(this.#notebook.cells[index]?.outputs ?? [], message);
  }

  /** Adds a message of a cell that has already replied. */
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
