import { readFileSync } from "node:fs";
import type { CellKind } from "./csv-part.ts";

/** Bytes of rows that are parsed at once, and columns that a file may have. */
export const MOST_BYTES = 0x10_0000;
export const MOST_COLUMNS = 4096;

/** Where pages, numbers of texts, and the file begin in the memory of the program. */
export const PAGE = 0xa0_0000;
export const IDS = 0xd8_0000;
const FILE = 0x100_0000;
/** Bytes behind those of the file: for a line end that is missing there, and for what is read at once. */
const BEHIND = 64;
const MEMORY_PAGE = 0x1_0000;

/** Memory that threads share. */
export interface ProgramMemory {
  readonly buffer: SharedArrayBuffer;
}

/** The program that `assembly/rows.ts` is compiled to, over one file. All positions are bytes of that. */
export interface RowsProgram extends Exports {
  readonly memory: SharedArrayBuffer;
}

/** The comments there tell of each. */
interface Exports {
  begin(columns: number, delimiter: number, hasReturns: boolean): void;
  setKind(column: number, kind: CellKind): void;
  kindOf(column: number): CellKind;
  valuesOf(column: number): number;
  validOf(column: number): number;
  nullsOf(column: number): number;
  isWide(column: number): number;
  parseRows(from: number, to: number): number;
  oddCellColumn(): number;
  oddCellStart(): number;
  shareTexts(column: number, rows: number): void;
  makePage(column: number, rows: number): number;
  makeDictionary(column: number, rows: number): number;
  dictionarySize(): number;
  guess(from: number, to: number): CellKind;
}

// Neither the language's types nor those of Node.js have it.
declare const WebAssembly: {
  readonly Memory: new (size: { initial: number; maximum: number; shared: true }) => ProgramMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Exports };
};

/**
 * Memory for the program and a file of so many bytes. What nothing is written to takes no room.
 *
 * @throws RangeError where the process may not have so much
 */
export function memoryFor(size: number): ProgramMemory {
  const pages = Math.ceil((FILE + size + BEHIND) / MEMORY_PAGE);
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
}

/** The bytes of the file in such a memory, and room for a line end. */
export function fileIn({ buffer }: ProgramMemory, size: number): Uint8Array<SharedArrayBuffer> {
  return new Uint8Array(buffer, FILE, size + 2);
}

let compiled: object | undefined;

/** @throws WebAssembly.CompileError where the processor lacks its instructions */
export function rowsProgram(memory: ProgramMemory): RowsProgram {
  compiled ??= new WebAssembly.Module(readFileSync(new URL("rows.wasm", import.meta.url)));
  const text = Buffer.from(memory.buffer);

  /** What programs write of a double: the shortest digits that are read as the same one. */
  function readLong(at: number, end: number): number {
    const written = text.toString("latin1", at, end);
    const value = Number(written);
    return String(value) === written ? value : Number.NaN;
  }

  const imports = { env: { memory }, numbers: { readLong } };
  const { exports } = new WebAssembly.Instance(compiled, imports);
  return { ...exports, memory: memory.buffer };
}
