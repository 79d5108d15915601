import { JUPYTER_DISPLAY } from "../../src/show/display.ts";
import { plotBar } from "../../src/show/plot/bar.ts";
import { plotHistogram } from "../../src/show/plot/histogram.ts";
import { plotLine } from "../../src/show/plot/line.ts";
import { plotScatter } from "../../src/show/plot/scatter.ts";

// Prints one chart of every kind, for a test that compares two processes.
const rows = Array.from({ length: 5000 }, (_, i) => ({
  at: new Date(Date.UTC(2026, 0, 1, i)),
  n: (i * 7919) % 1000,
  group: `g${i % 3}`,
}));
const charts = [
  plotBar(rows, { x: "group", color: "group" }),
  plotLine(rows, { x: "at", y: "n", color: "group" }),
  plotScatter(rows, { x: "at", y: "n", color: "group" }),
  plotScatter(rows, { x: "at", y: "n", color: "n" }),
  plotHistogram(rows, { x: "n" }),
  plotHistogram(rows, { x: "at" }),
  plotBar(rows, { x: "group", y: "n", color: "group", reduce: "mean", layout: "grouped" }),
];
for (const chart of charts) process.stdout.write(JSON.stringify(chart[JUPYTER_DISPLAY]()));
