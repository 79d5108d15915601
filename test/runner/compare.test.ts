import { describe, expect, test } from "vitest";
import { compareOutputs, describeDifferences, mergeOutputs } from "../../src/runner/compare.ts";
import { normalize } from "../../src/runner/normalize.ts";
import { type CellOutput, formatNotebook, type Notebook } from "../../src/runner/notebook.ts";

function notebook(outputs: CellOutput[], source = "1", tags?: string[]): Notebook {
  const metadata = tags ? { tags } : {};
  return {
    cells: [{ cell_type: "code", id: "one", metadata, source, execution_count: 1, outputs }],
    metadata: {},
    nbformat: 4,
    nbformat_minor: 5,
  };
}
const printed = (...text: string[]): CellOutput => ({
  output_type: "stream",
  name: "stdout",
  text,
});
const html = (content: string): CellOutput => ({
  output_type: "display_data",
  data: { "text/plain": ["same"], "text/html": [content] },
  metadata: {},
});

describe("what differs from run to run is no difference", () => {
  test.each([
    ["a port", "https://127.0.0.1:43121/x", "https://127.0.0.1:39999/x"],
    [
      "a port of a lake",
      "contosolake.dfs.core.windows.net:1234",
      "contosolake.dfs.core.windows.net:4321",
    ],
    ["a duration", "took 12.5 ms", "took 9 ms"],
    ["a time", "Time:2026-11-21T05:00:24.558Z", "Time:2027-01-02T15:10:04.1Z"],
    ["a clock", "valid until 14:05", "valid until 9:07"],
    ["a request id", `RequestId:${"a".repeat(36)}`, `RequestId:${"b".repeat(36)}`],
    ["a device code", "enter A1B2C3D4E now", "enter ZZ9YX8W7V now"],
    ["a device code of letters", "enter the code MSTTHWBPJ to", "enter the code A1B2C3D4E to"],
    ["a process id", "(node:12) Warning", "(node:4711) Warning"],
    ["a temporary folder", "in /run/notelake-ab12/x", "in /var/t/notelake-cd34/x"],
  ])("%s", (_what, before, after) => {
    const stored = notebook([printed(before)]);
    const fresh = notebook([printed(after)]);
    expect(compareOutputs(stored, fresh)).toEqual([]);
    expect(formatNotebook(mergeOutputs(stored, fresh))).toBe(formatNotebook(stored));
  });
});

describe("what matters is a difference", () => {
  test.each([
    ["a number", "total 12", "total 13"],
    ["a name", "contosolake.dfs.core.windows.net:1", "contosolake.blob.core.windows.net:1"],
    ["a day", "2026-11-21", "2026-11-22"],
    ["a word in capitals", "FORBIDDEN", "NOT_FOUND"],
  ])("%s", (_what, before, after) => {
    const fresh = notebook([printed(after)]);
    const differences = compareOutputs(notebook([printed(before)]), fresh);
    expect(differences).toEqual([
      {
        index: 0,
        id: "one",
        lines: [`- stdout: ${normalize(before)}`, `+ stdout: ${normalize(after)}`],
      },
    ]);
    expect(mergeOutputs(notebook([printed(before)]), fresh).cells[0]?.outputs).toEqual([
      printed(after),
    ]);
  });

  test("only in the HTML, shown around the place", () => {
    const before = `<p>${"x".repeat(500)}12</p>`;
    const after = `<p>${"x".repeat(500)}13</p>`;
    const text = describeDifferences(
      "a/b.ipynb",
      compareOutputs(notebook([html(before)]), notebook([html(after)])),
    );
    const [head, removed, added] = text.split("\n");
    expect(head).toBe("b.ipynb, cell 1 (id one): the output is not the one stored");
    expect(removed).toMatch(/^ {2}- text\/html: …x+12<\/p>…$/);
    expect(added).toMatch(/^ {2}\+ text\/html: …x+13<\/p>…$/);
    expect(added?.length).toBeLessThan(180);
  });

  test("a missing output", () => {
    const [difference] = compareOutputs(notebook([printed("a\n", "b\n")]), notebook([]));
    expect(difference?.lines).toEqual(["- stdout: a", "- stdout: b", "- stdout: "]);
  });
});

test("an author adds what differs in one place", () => {
  const stored = notebook([printed("run 17")]);
  const fresh = notebook([printed("run 18")]);
  expect(compareOutputs(stored, fresh)).toHaveLength(1);
  const rules = [{ pattern: /run \d+/g, replacement: "run N" }];
  expect(compareOutputs(stored, fresh, { normalize: rules })).toEqual([]);
});

test("a cell tagged output-changes keeps its outputs, and gets its first", () => {
  const tags = ["output-changes"];
  const stored = notebook([printed("3 of 7")], "1", tags);
  const fresh = notebook([printed("4 of 9")], "1", tags);
  expect(compareOutputs(stored, fresh)).toEqual([]);
  expect(mergeOutputs(stored, fresh).cells[0]?.outputs).toEqual([printed("3 of 7")]);
  expect(mergeOutputs(notebook([], "1", tags), fresh).cells[0]?.outputs).toEqual([
    printed("4 of 9"),
  ]);
});

test("a notebook is written as Jupyter writes it", () => {
  expect(formatNotebook(notebook([printed("é\n")], "a"))).toBe(`{
 "cells": [
  {
   "cell_type": "code",
   "execution_count": 1,
   "id": "one",
   "metadata": {},
   "outputs": [
    {
     "name": "stdout",
     "output_type": "stream",
     "text": [
      "é\\n"
     ]
    }
   ],
   "source": "a"
  }
 ],
 "metadata": {},
 "nbformat": 4,
 "nbformat_minor": 5
}
`);
});
