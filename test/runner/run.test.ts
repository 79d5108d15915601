import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { CellError } from "../../src/runner/cell-error.ts";
import { type RunOptions, runNotebook } from "../../src/runner/run.ts";

const fixture = (name: string) => join(import.meta.dirname, "fixtures", `${name}.ipynb`);

async function run(name: string, options: RunOptions = {}) {
  const result = await runNotebook(fixture(name), options);
  const texts = result.notebook.cells.map(({ outputs = [] }) => JSON.stringify(outputs));
  return { ...result, texts };
}

async function failure(name: string, options: RunOptions = {}): Promise<CellError> {
  const { error } = await run(name, options);
  if (!error) throw new Error(`${name} passed`);
  return error;
}

let typeError: Awaited<ReturnType<typeof run>>;
beforeAll(async () => {
  typeError = await run("type-error");
});

test("a notebook that passes has the outputs a front end would show", async () => {
  const { error, ran, notebook } = await run("passes");
  expect(error).toBeUndefined();
  expect(ran).toBe(3);
  expect(notebook.cells[1]).toMatchObject({
    execution_count: 1,
    outputs: [{ output_type: "execute_result", data: { "text/plain": ["[ 2, 4, 6 ]"] } }],
  });
  expect(notebook.cells[2]?.outputs).toEqual([
    {
      output_type: "stream",
      name: "stdout",
      text: [expect.stringMatching(/^port 127\.0\.0\.1:\d+ took .* ms\n$/), "a\n", "b\n"],
    },
  ]);
  expect(notebook.cells[3]?.outputs).toMatchObject([
    { data: { "text/plain": ["twelve"], "text/html": ["<b>12</b>"] } },
  ]);
});

describe("a notebook fails, with the cell and the line named", () => {
  test("on a type error", () => {
    const { error } = typeError;
    expect(error?.message).toBe(
      [
        "type-error.ipynb, cell 2 (id cell-2), line 4: TypeScriptError: Type 'string' is not assignable to type 'number'.",
        "  In[2], line 4",
        "    2 | interface Size { bytes: number }",
        "    3 |",
        '  > 4 | const size: Size = { bytes: "12" };',
        "      |                      ^",
        "    5 | size",
        "  TS2322: Type 'string' is not assignable to type 'number'.",
      ].join("\n"),
    );
    expect(error).toMatchObject({ index: 1, id: "cell-2", line: 4 });
  });

  test("on an exception, through cells that were transpiled to other lines", async () => {
    const error = await failure("exception");
    expect(error.message).toBe(
      [
        "exception.ipynb, cell 2 (id cell-2), line 6: RangeError: no rows",
        "  RangeError: no rows",
        "  In[1], line 6",
        "    4 |",
        "    5 | function total(rows: Rows): number {",
        '  > 6 |   if (rows.length === 0) throw new RangeError("no rows");',
        "      |                                ^",
        "    7 |   return rows.length;",
        "    8 | }",
        "      at total (In[1]:6:32)",
        "      at In[2]:3:1",
      ].join("\n"),
    );
  });

  test("on a rejected promise that nobody awaits", async () => {
    const error = await failure("rejection");
    expect(error.message).toContain("rejection.ipynb, cell 2 (id cell-2)");
    expect(error.message).toContain("A promise was rejected and nobody awaited it.");
    expect(error.message).toContain("at In[2]:1:1");
    expect(error.evalue).toBe("disk full");
  });

  test("on process.exit, with the exit code", async () => {
    const error = await failure("exit");
    expect(error.exit).toEqual({ code: 3, signal: null });
    expect(error.message).toMatch(
      /^exit\.ipynb, cell 2 \(id cell-2\), line 3: KernelDied: the kernel ended: exit code 3\n/,
    );
    expect(error.message).toContain("> 3 | process.exit(3);");
  });

  test("on a kernel that is killed, with the signal and the source", async () => {
    const error = await failure("killed");
    expect(error.exit).toEqual({ code: null, signal: "SIGKILL" });
    expect(error.message).toBe(
      [
        "killed.ipynb, cell 1 (id cell-1): KernelDied: the kernel ended: killed by SIGKILL",
        '  1 | process.kill(process.pid, "SIGKILL");',
        "  2 | await new Promise(() => {});",
      ].join("\n"),
    );
  });

  test("on an exception of a timer, in the cell that set it", async () => {
    const error = await failure("timer");
    expect(error).toMatchObject({ index: 0, line: 2, evalue: "from the timer" });
    expect(error.message).toContain("A callback threw where no cell could catch it.");
  });

  test("on an exception of a timer between the result of its cell and the reply", async () => {
    const error = await failure("timer-after-display");
    expect(error).toMatchObject({ index: 0, line: 4, evalue: "after the display" });
  });

  test("on an exception of a timer that outlives the last cell", async () => {
    expect(await failure("timer-after-end")).toMatchObject({ index: 0, line: 2 });
  });

  test("but does not wait for ever for a timer that has no end", async () => {
    const { error, duration } = await run("interval", { drain: 300 });
    expect(error).toBeUndefined();
    expect(duration).toBeGreaterThan(300);
  });

  test("on a cell that never yields, by its time limit", async () => {
    const error = await failure("endless", { cellLimit: 1000 });
    expect(error.message).toBe(
      [
        "endless.ipynb, cell 2 (id cell-2): TimeLimit: the cell did not end within 1000 ms",
        "  1 | for (;;) await null;",
      ].join("\n"),
    );
  });

  test("on the time limit of the whole notebook", async () => {
    const error = await failure("slow", { limit: 700, cellLimit: 60_000 });
    expect(error.message).toContain("the notebook did not end within 700 ms");
    expect(error.index).toBeLessThan(2);
  });
});

describe("raises-exception", () => {
  test("lets a cell fail and goes on", async () => {
    const { error, ran, texts } = await run("raises");
    expect(error).toBeUndefined();
    expect(ran).toBe(2);
    expect(texts[0]).toContain("as promised");
  });

  test("fails a cell that does not", async () => {
    const error = await failure("raises-nothing");
    expect(error.message).toMatch(
      /^raises-nothing\.ipynb, cell 1 \(id cell-1\): NothingRaised: the cell is tagged raises-exception/,
    );
  });
});

test("nothing runs behind a failing cell", () => {
  const { ran, texts } = typeError;
  expect(ran).toBe(2);
  expect(texts[2]).toBe("[]");
});

test("late output belongs to the cell it comes from", async () => {
  const { notebook } = await run("late-output");
  expect(notebook.cells.map(({ outputs }) => outputs)).toMatchObject([
    [{ text: ["early\n", "late\n"] }],
    [{ text: ["second\n"] }],
  ]);
});

test("no secret is left in outputs and errors", async () => {
  const secret = "/kX8~not-for-anybodys-eyes";
  const { texts, error } = await run("secrets", { env: { LAKE_CLIENT_SECRET: secret } });
  expect(error?.message.split("\n")[0]).toBe(
    "secrets.ipynb, cell 1 (id cell-1): SecretInOutput: the cell shows what must stay secret: " +
      "value of the variable LAKE_CLIENT_SECRET, token (JWT), signature of a shared access " +
      "signature; nothing of it is stored",
  );
  const all = texts.join("") + error?.message;
  expect(all).not.toContain(secret);
  expect(all).not.toContain("ssssssss");
  expect(texts[0]).not.toContain("Ab1%2F");
  expect(texts.join("").match(/\[redacted\]/g)?.length).toBe(3);
});

test("nor in the words of an error that the notebook fails with", async () => {
  const secret = "/kX8~not-for-anybodys-eyes";
  const env = { LAKE_CLIENT_SECRET: secret };
  const { texts, error } = await run("secret-in-error", { env });
  expect(error?.message).toContain("RangeError: refused: [redacted]");
  expect(texts.join("") + error?.message + error?.stack).not.toContain(secret);
});

test("what is no notebook is refused by name", async () => {
  await expect(runNotebook(import.meta.filename)).rejects.toThrow(
    /run\.test\.ts cannot be read as/,
  );
  await expect(runNotebook("/nowhere/x.ipynb")).rejects.toThrow(/^\/nowhere\/x\.ipynb cannot be/);
});
