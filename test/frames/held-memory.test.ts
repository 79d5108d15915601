import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { scratchFolder } from "./scratch-folder.ts";

const folder = scratchFolder();
const TIMES = 24;

/** Loads a file again and again, and tells the most MiB that the process had. */
const LOOP = `
  import { loadFrame, openFolder } from "notelake";
  const lake = await openFolder(process.argv[1]);
  for (let time = 0; time < ${TIMES}; time++) {
    const frame = await loadFrame(lake, "large.csv");
    if (frame.shape[0] < 100_000) throw new Error("not all rows");
  }
  console.log("peak", process.resourceUsage().maxRSS / 1024);
  process.exit();
`;

it("frames that nobody has any more do not fill the memory", async () => {
  // Nearly all of it is text, of which nothing is made as long as nobody asks.
  const line = `${"some words that take room, but no time. ".replaceAll(",", ";").repeat(8)},1\n`;
  const rows = 120_000;
  await writeFile(join(folder, "large.csv"), `words,id\n${line.repeat(rows)}`);
  const flags = ["--conditions=notelake-source", "--disable-warning=ExperimentalWarning"];
  const told = [...flags, "--input-type=module", "-e", LOOP, folder];
  const { stdout } = await promisify(execFile)(process.execPath, told);
  const peak = Number(/peak ([\d.]+)/.exec(stdout)?.[1]);
  const all = (TIMES * rows * line.length) / 2 ** 20;
  expect(peak).toBeGreaterThan(100);
  expect(peak).toBeLessThan(all * 0.75);
});
