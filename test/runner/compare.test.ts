import { readFileSync } from "node:fs";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { compareOutputs, describeDifferences, mergeOutputs } from "../../src/runner/compare.ts";
import { normalize } from "../../src/runner/normalize.ts";
import { type CellOutput, formatNotebook, type Notebook } from "../../src/runner/notebook.ts";
import { readPng } from "../../src/runner/png.ts";
import { CHART_SCRIPT } from "../../src/show/plot/chart-script.ts";

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
    [
      "what the kit's version does with a chart",
      "<p>3</p><script data-notelake>{old}</script>",
      `<p>3</p>${CHART_SCRIPT}`,
    ],
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
    [
      "a script of the cell's own",
      "<script>draw([1, 2])</script>",
      "<script>draw([1, 3])</script>",
    ],
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

describe("numbers", () => {
  const compare = (before: string, after: string) =>
    compareOutputs(notebook([printed(before)]), notebook([printed(after)]));

  test.each([
    ["mean 12.3456789012", "mean 12.3456789013"],
    ["1.0000000001e-7 of 5", "1e-7 of 5"],
    ["a\nmean 0.1\nb\n", "a\nmean 0.10000000001\nb\n"],
  ])("%j is as good as %j", (before, after) => {
    expect(compare(before, after)).toEqual([]);
  });

  test.each([
    ["mean 12.345", "mean 12.346"],
    ["12345678901 rows", "12345678902 rows"],
    ["-0.5", "0.5"],
    ["1.5 of 2", "1.5 of 3"],
  ])("%j is not %j", (before, after) => {
    expect(compare(before, after)).toHaveLength(1);
  });
});

test("each stretch of lines that differ is shown, and how much is between", () => {
  const lines = Array.from({ length: 30 }, (_, n) => `line ${n}\n`);
  const fresh = lines.with(4, "other 4\n").toSpliced(20, 1);
  const [difference] = compareOutputs(notebook([printed(...lines)]), notebook([printed(...fresh)]));
  expect(difference?.lines).toEqual([
    "- stdout: line 4",
    "+ stdout: other 4",
    "… 15 the same",
    "- stdout: line 20",
  ]);
});

test("ids that are made anew differ always", () => {
  const id = (digit: string) => `display ${"12345678-1234-1234-1234-12345678901"}${digit} is shown`;
  expect(compareOutputs(notebook([printed(id("1"))]), notebook([printed(id("2"))]))).toEqual([]);
});

test("strictly, everything counts", () => {
  const strict = (before: CellOutput, after: CellOutput) =>
    compareOutputs(notebook([before]), notebook([after]), { strict: true });
  expect(strict(printed("took 12 ms"), printed("took 12 ms"))).toEqual([]);
  expect(strict(printed("took 12 ms"), printed("took 13 ms"))[0]?.lines).toEqual([
    "- stdout: took 12 ms",
    "+ stdout: took 13 ms",
  ]);
  expect(strict(printed("0.1"), printed("0.10000000001"))).toHaveLength(1);
  const wide = { ...html("x"), metadata: { isolated: true } } as CellOutput;
  expect(strict(html("x"), wide)[0]?.lines).toEqual(['+ metadata: {"isolated":true}']);
});

describe("pictures", () => {
  function png(width: number, height: number, dot?: [from: number, to: number, grey: number]) {
    const lines = Buffer.alloc((width * 4 + 1) * height);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const at = y * (width * 4 + 1) + 1 + x * 4;
        const pixel = y * width + x;
        const value = dot && pixel >= dot[0] && pixel < dot[1] ? dot[2] : 200;
        lines.fill(value, at, at + 3).fill(255, at + 3, at + 4);
      }
    }
    const header = Buffer.alloc(13);
    header.writeUInt32BE(width, 0);
    header.writeUInt32BE(height, 4);
    header.set([8, 6, 0, 0, 0], 8);
    const chunk = (type: string, content: Buffer) => {
      const body = Buffer.concat([Buffer.from(type), content]);
      const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
      length.writeUInt32BE(content.length);
      sum.writeUInt32BE(crc32(body));
      return Buffer.concat([length, body, sum]);
    };
    const level = dot ? 9 : 1;
    return Buffer.concat([
      Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
      chunk("IHDR", header),
      chunk("IDAT", deflateSync(lines, { level })),
      chunk("IEND", Buffer.alloc(0)),
    ]).toString("base64");
  }
  const shown = (content: string): Notebook =>
    notebook([{ output_type: "display_data", data: { "image/png": content }, metadata: {} }]);
  const plain = png(100, 50);
  const lines = (other: string) => compareOutputs(shown(plain), shown(other))[0]?.lines;

  test("that look the same are the same, however they are packed", () => {
    const repacked = png(100, 50, [0, 0, 0]);
    expect(repacked).not.toBe(plain);
    expect(lines(repacked)).toBeUndefined();
    expect(lines(png(100, 50, [10, 200, 205]))).toBeUndefined();
    expect(lines(png(100, 50, [10, 15, 0]))).toBeUndefined();
  });

  test("of another size or look differ, and it is said by what", () => {
    expect(lines(png(100, 40))).toEqual([
      "- image/png: 100 × 50 pixels",
      "+ image/png: 100 × 40 pixels",
    ]);
    expect(lines(png(100, 50, [10, 110, 0]))).toEqual([
      "- image/png: 100 × 50 pixels",
      "+ image/png: 100 × 50 pixels, of which 100 are others",
    ]);
    expect(lines("bm8gcGljdHVyZQ==")).toHaveLength(2);
  });

  test("are read as another program writes them", () => {
    const file = join(import.meta.dirname, "../../src/kernel/logo/logo-64x64.png");
    const { width, height, rgba } = readPng(readFileSync(file)) ?? {};
    expect([width, height, rgba?.length]).toEqual([64, 64, 64 * 64 * 4]);
    expect(new Set(rgba).size).toBeGreaterThan(2);
  });
});

test("a cell that was edited has new outputs, whatever they are", () => {
  const stored = notebook([printed("took 12 ms")], "1");
  const fresh = notebook([printed("took 13 ms")], "2");
  expect(mergeOutputs(stored, fresh).cells[0]?.outputs).toEqual([printed("took 13 ms")]);
});
