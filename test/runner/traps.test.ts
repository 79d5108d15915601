import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type RunOptions, runNotebook } from "../../src/runner/run.ts";

// What makes other runners of notebooks say that all is well: each has a notebook of its own, which
// has to fail for the right reason, in words that name the place.

const fixtures = join(import.meta.dirname, "fixtures");
const fixture = (name: string) => join(fixtures, `${name}.ipynb`);

const lines = (...text: string[]) => text.join("\n");

describe.concurrent("a trap fails the run, and says where and why", () => {
  test.for<[name: string, message: string, options?: RunOptions]>([
    [
      "abort-window",
      lines(
        "abort-window.ipynb, cell 3 (id cell-3), line 2: Error: not skipped",
        "  Error: not skipped",
        "  In[3], line 2",
        '    1 | console.log("third");',
        '  > 2 | throw new Error("not skipped");',
        "      |       ^",
      ),
    ],
    [
      "late-rejection",
      lines(
        "late-rejection.ipynb, cell 2 (id cell-2), line 3: Error: disk full",
        "  A promise was rejected and nobody awaited it.",
        "  Error: disk full",
        "  In[1], line 3",
      ),
    ],
    [
      "late-request",
      lines(
        "late-request.ipynb, cell 2 (id cell-2), line 4: Error: the reply was late",
        "  A promise was rejected and nobody awaited it.",
      ),
    ],
    [
      "busy-loop",
      lines(
        "busy-loop.ipynb, cell 2 (id cell-2): TimeLimit: the cell did not end within 1000 ms",
        "  1 | for (let turns = 0; ; turns++);",
      ),
      { cellLimit: 1000 },
    ],
    [
      "busy-after-end",
      lines(
        "busy-after-end.ipynb, cell 1 (id cell-1): TimeLimit: all cells ended, but what they left running kept the kernel busy for 3000 ms",
        "  1 | setTimeout(() => {",
      ),
      { cellLimit: 3000 },
    ],
    [
      "timer-left",
      lines(
        "timer-left.ipynb, cell 1 (id cell-1): LeftRunning: it went on when the notebook ended: line 1: a timer of 60 s",
        "  1 | setTimeout(() => {",
      ),
      { strict: true, drain: 300 },
    ],
    [
      "output-flood",
      lines(
        "output-flood.ipynb, cell 1 (id cell-1): OutputLimit: the outputs of the cell have more than 1000000 characters",
        '  1 | const line = "x".repeat(1000);',
        "  2 | for (;;) console.log(line);",
      ),
      { outputLimit: 1_000_000 },
    ],
    [
      "stdin",
      lines(
        "stdin.ipynb, cell 2 (id cell-2), line 1: NotelakeError: nobody can be asked here: Name:",
        "  NotelakeError [NO_INPUT]: nobody can be asked here: Name:",
        "    Run the cell in a front end such as JupyterLab, or set the value in the",
        "    notebook.",
      ),
    ],
    [
      "stdin-readline",
      "stdin-readline.ipynb, cell 2 (id cell-2), line 1: Error: readline was closed\n",
    ],
    [
      "no-metadata",
      "no-metadata.ipynb, cell 2 (id acb85a07), line 1: Error: in a cell without metadata\n",
    ],
  ])("%s", async ([name, message, options], { expect }) => {
    const { error } = await runNotebook(fixture(name), options);
    expect(error?.message.slice(0, message.length)).toBe(message);
  });
});

describe("what cannot be run is refused, and says what to do", () => {
  test.for([
    [
      "python",
      "FOREIGN_KERNEL",
      "python.ipynb is written for the kernel Python 3 (ipykernel) and the language python, not for TypeScript\n  Run it with its own kernel: jupyter execute ",
    ],
    [
      "format-3",
      "OTHER_FORMAT",
      "format-3.ipynb is of nbformat 3, which is too old\n  Bring it to nbformat 4: jupyter nbconvert --to notebook --nbformat 4 --inplace ",
    ],
  ] as const)("%s", async ([name, code, message]) => {
    const running = runNotebook(fixture(name));
    await expect(running).rejects.toMatchObject({ code });
    await expect(running).rejects.toThrow(message);
  });

  test("a kernel that hangs as it starts", async () => {
    const env = { NODE_OPTIONS: `--require "${join(fixtures, "hung-start.cjs")}"` };
    const running = runNotebook(fixture("passes"), { env, startLimit: 2000 });
    await expect(running).rejects.toThrow("the kernel did not answer within 2000 ms");
  });
});

describe("what only looks like a trap passes", () => {
  test("a byte order mark", async () => {
    const { error, notebook } = await runNotebook(fixture("bom"));
    expect(error).toBeUndefined();
    expect(notebook.cells[0]?.outputs).toMatchObject([{ text: ["read\n"] }]);
  });

  test("a long output, of which nothing is lost", async () => {
    const { error, notebook } = await runNotebook(fixture("long-output"));
    expect(error).toBeUndefined();
    const [output] = notebook.cells[0]?.outputs ?? [];
    const text = output && "text" in output ? output.text : [];
    expect(text).toHaveLength(200_000);
    expect(text.at(-1)).toBe("line 199999 of a long log\n");
  });
});
