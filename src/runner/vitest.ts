import "../core/refuse-old-node.ts";
// As a whole: see refuse-old-node.ts.
import fs from "node:fs";
import { availableParallelism } from "node:os";
import { basename, join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { compareOutputs, describeDifferences } from "./compare.ts";
import type { Normalization } from "./normalize.ts";
import { readNotebook } from "./notebook.ts";
import { type RunOptions, runNotebook } from "./run.ts";
import { createTurnstile } from "./turnstile.ts";

/** Which notebooks to test, and how. All times in milliseconds. */
export interface NotebookTestOptions extends Omit<RunOptions, "onCell"> {
  /** Folder of the notebooks; those in folders below count too. */
  dir: string;
  /** Names to leave out, such as `09-needs-a-gpu.ipynb`. */
  exclude?: readonly string[];
  /** Fail when outputs are not those stored in the notebooks. Default true. */
  compare?: boolean;
  /** What else differs from run to run. */
  normalize?: readonly Normalization[];
}

const LIMIT = 600_000;

/**
 * Defines one Vitest test for each notebook of a folder: it runs in a kernel of its own, and fails
 * with the cell, the line and the reason. As many run at once as the machine has processors.
 *
 * @throws Error when the folder holds no notebook, since then nothing would be tested
 */
export function defineNotebookTests({
  dir,
  exclude = [],
  compare = true,
  normalize = [],
  ...run
}: NotebookTestOptions): void {
  const files = findNotebooks(dir).filter((file) => !exclude.includes(basename(file)));
  if (files.length === 0) throw new Error(`there is no notebook in ${resolve(dir)}`);
  const takeTurn = createTurnstile(availableParallelism());
  describe.concurrent("notebooks", () => {
    // The time limit is the runner's: waiting for a turn does not count.
    test.each(files)("%s", { timeout: 0 }, async (file) => {
      await takeTurn(async () => {
        const path = join(dir, file);
        const stored = await readNotebook(path);
        const { error, notebook, ran } = await runNotebook(path, { limit: LIMIT, ...run });
        if (error) throw error;
        expect(ran, `code cells of ${file}`).toBeGreaterThan(0);
        const differences = compare ? compareOutputs(stored, notebook, { normalize }) : [];
        if (differences.length > 0) throw new OutputsChanged(path, differences);
      });
    });
  });
}

/** Paths of the notebooks of a folder, relative to it, in order; packages and hidden folders not. */
export function findNotebooks(dir: string): string[] {
  return fs
    .globSync("**/*.ipynb", {
      cwd: dir,
      exclude: (path) => SKIPPED.test(basename(path)),
    })
    .sort();
}

const SKIPPED = /^(node_modules|\..+)$/;

/** A notebook ran, but what came out is not what is stored in it. */
class OutputsChanged extends Error {
  override readonly name = "OutputsChanged";

  constructor(path: string, differences: Parameters<typeof describeDifferences>[1]) {
    const remedy = `If this is meant: npx notelake run --write ${path}`;
    super(`${describeDifferences(path, differences)}\n${remedy}`);
    this.stack = `${this.name}: ${this.message}`;
  }
}
