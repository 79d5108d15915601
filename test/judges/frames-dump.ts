import { globSync } from "node:fs";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { makeExportFolder, withEngine } from "../../src/frames/engine.ts";
import { makeTable } from "../../src/frames/frame-table.ts";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { FolderLake } from "../frames/folder-lake.ts";

// node test/judges/frames-dump.ts FILES CELLS: each file of FILES as its columns and cells, in JSON.

async function main(files: string, cells: string): Promise<void> {
  const lake = new FolderLake(files);
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
  for (const place of ["raw/penguins/penguins.csv", "types.parquet"]) {
    const frame = await loadFrame(lake, place);
    await withEngine(async (engine) => {
      await makeTable(engine, "frame", frame);
      for (const format of ["parquet", "csv"]) {
        const file = join(cells, `written/${place}.${format}`);
        await mkdir(dirname(file), { recursive: true });
        // The engine writes to its own folder alone.
        const made = join(await makeExportFolder(), "file");
        await engine.run(`copy frame to '${made}' (format ${format})`);
        await copyFile(made, file);
      }
    });
  }

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
