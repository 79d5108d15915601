import { globSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { writeFrame } from "../../src/frames/write-frame.ts";
import { openFolder } from "../../src/lake/open-folder.ts";

// node test/interop/frames-dump.ts FILES CELLS: each file of FILES as its columns and cells, in JSON.

async function main(files: string, cells: string): Promise<void> {
  const lake = openFolder(files);
  const places = globSync("**/*.{csv,tsv,gz,ndjson,json,parquet,arrow,arrows,feather,xlsx}", {
    cwd: files,
  });
  for (const place of [...places.filter((path) => !/=|^tables/.test(path)), "dataset"]) {
    await dump(place, await loadFrame(lake, place));
  }
  for (const sheet of ["lower", "dates"]) {
    await dump(`book.xlsx@${sheet}`, await loadFrame(lake, "book.xlsx", { sheet }));
  }
  for (const table of globSync("tables/*", { cwd: files })) {
    await dump(table, await loadFrame(lake, table));
    for (const log of globSync(`${table}/_delta_log/*.json`, { cwd: files })) {
      const version = Number.parseInt(basename(log), 10);
      await dump(`${table}@${version}`, await loadFrame(lake, table, { version }));
    }
  }
  await mkdir(cells, { recursive: true });
  const target = openFolder(cells);
  for (const place of ["raw/penguins/penguins.csv", "types.parquet"]) {
    const frame = await loadFrame(lake, place);
    for (const format of ["parquet", "csv"] as const) {
      await writeFrame(target, `written/${place}.${format}`, frame, { format });
    }
  }
  await writeFrame(target, "written/book.xlsx", await loadFrame(lake, "book.xlsx"));

  async function dump(name: string, frame: Awaited<ReturnType<typeof loadFrame>>) {
    const columns = frame.columns.map((column) => frame.column(column).values as unknown[]);
    const file = join(cells, `${name}.cells.json`);
    await mkdir(dirname(file), { recursive: true });
    const plain = { columns: frame.columns, values: columns.map((values) => values.map(asJson)) };
    await writeFile(file, JSON.stringify(plain));
  }
}

function asJson(cell: unknown): unknown {
  if (cell instanceof Date) return { ms: cell.getTime() };
  if (typeof cell === "number" && !Number.isFinite(cell)) return { number: String(cell) };
  return cell;
}

const [files = "", cells = ""] = process.argv.slice(2);
void main(files, cells);
