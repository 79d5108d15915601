import { createRequire } from "node:module";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as entry from "../../src/frames/danfo/index.ts";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { FolderLake } from "./folder-lake.ts";

const published: Record<string, unknown> = createRequire(import.meta.url)("danfojs-node");

test("notelake/danfo exports all that Danfo exports, and nothing else", () => {
  const { default: whole, ...named } = entry as Record<string, unknown>;
  const names = Object.keys(published);
  expect(whole === published).toBe(true);
  expect(Object.keys(named).sort()).toEqual(names.sort());
  expect(names.filter((name) => named[name] !== published[name])).toEqual([]);
});

test("its functions are the patched ones", () => {
  const text = new entry.DataFrame([["1"]], { columns: ["key"] });
  const number = new entry.DataFrame([[1]], { columns: ["key"] });
  // Danfo as it is published takes "1" and 1 for one key.
  const merge = () => entry.merge({ left: text, right: number, on: ["key"], how: "outer" });
  expect(merge).toThrow("column key is string on the left and int32 on the right");
});

test("what loadFrame answers with is an instance of its DataFrame", async () => {
  const data = new FolderLake(join(import.meta.dirname, "../../data/raw"));
  const frame = await loadFrame(data, "weather/seattle.csv");
  expect(frame).toBeInstanceOf(entry.DataFrame);
  expect(frame.column("weather")).toBeInstanceOf(entry.Series);
});
