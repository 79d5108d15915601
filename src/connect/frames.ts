import { cellSignal } from "../core/cell.ts";
import type { DataFrame } from "../frames/danfo/danfo.ts";
import { showFramesWith } from "../frames/danfo/display-hook.ts";
import type { LakeFiles } from "../frames/lake-files.ts";
import { type LoadFrameOptions, loadFrame as load } from "../frames/load-frame.ts";
import { type QueryOptions, query as run } from "../frames/query.ts";
import { showProgress } from "../show/progress.ts";
import { frameTable } from "../show/table/frame-table.ts";

// Every dataframe that a cell ends in shows itself as a table.
showFramesWith(frameTable);

/** `loadFrame` of frames/, with its progress shown in the cell, which may be interrupted. */
export const loadFrame: typeof load = (lake: LakeFiles, place: string, options = {}) =>
  shown<LoadFrameOptions>(place, options, (wired) => load(lake, place, wired));

/** `query` of frames/, likewise. */
export const query: typeof run = (lake: LakeFiles, sql: string, options = {}) =>
  shown<QueryOptions>("query", options, (wired) => run(lake, sql, wired));

async function shown<Options extends Pick<LoadFrameOptions, "signal" | "onProgress">>(
  what: string,
  options: Options,
  work: (options: Options) => Promise<DataFrame>,
): Promise<DataFrame> {
  const signal = cellSignal();
  // Whether a load takes long differs from run to run, and a stored output should not.
  const progress = process.env.NOTELAKE_HEADLESS ? undefined : showProgress(what);
  try {
    const frame = await work({
      ...(signal && { signal }),
      ...(progress && { onProgress: progress.report }),
      ...options,
    });
    progress?.done();
    return frame;
  } catch (error) {
    progress?.fail();
    throw error;
  }
}
