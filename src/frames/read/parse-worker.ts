import { parentPort } from "node:worker_threads";
import { FrameError } from "../../core/errors.ts";
import type { ParseAnswer, ParseTask, WorkbookTask } from "./parse-thread.ts";

/** Entry point of `runInThread`; libraries are loaded at their first use. */
async function run(task: ParseTask | WorkbookTask, emit: (part: unknown) => void): Promise<void> {
  if (task.kind === "workbook") {
    const { writeWorkbook: writeBook } = await import("../write/write-workbook.ts");
    await writeBook(task.localFile, task.rows, task.columns);
  } else if (task.kind === "excel") {
    const { readSheet } = await import("./excel/excel-sheet.ts");
    for (const column of await readSheet(task.file, task.options)) emit(column);
  } else {
    const { exactCopy } = await import("./json/json-exact.ts");
    emit(await exactCopy(task.file, task.part ?? "", task.options));
  }
}

function answer(message: ParseAnswer): void {
  parentPort?.postMessage(message);
}

/** The parts of an error, which loses its class between threads. */
function parts(error: unknown): ParseAnswer {
  if (!(error instanceof FrameError)) return { error };
  const { code, hint, message, cause } = error;
  const hinted = hint ? `\n${hint.replace(/^/gm, "  ")}` : "";
  const facts = { ...(hint !== undefined && { hint }), ...(cause !== undefined && { cause }) };
  return { refused: { code, message: message.slice(0, message.length - hinted.length), facts } };
}

parentPort?.on("message", async (task: ParseTask | WorkbookTask) => {
  try {
    await run(task, (part) => answer({ part }));
    answer({ done: true });
  } catch (error) {
    answer(parts(error));
  }
});
