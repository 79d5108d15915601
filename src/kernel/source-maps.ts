import { SourceMap } from "node:module";

/** The two steps of a cell's conversion: TypeScript to ES module, ES module to CommonJS. */
export interface CellMaps {
  cell: string;
  module: string;
}

/** A place in a cell, both from 1. */
export interface CellPosition {
  readonly line: number;
  readonly column: number;
}

const MAP_COMMENT = /\n?\/\/# sourceMappingURL=\S+\s*$/;

export function withoutMapComment(code: string): string {
  return code.replace(MAP_COMMENT, "\n");
}

/** tslab puts a line of its own before the cell. */
const LINES_BEFORE_CELL = 1;

/**
 * Leads from a place in the JavaScript that ran back to the place in the cell; undefined for code
 * that has no counterpart there.
 */
export function createLocator(
  maps: CellMaps,
): (line: number, column: number) => CellPosition | undefined {
  const steps = [maps.module, maps.cell].map((map) => new SourceMap(JSON.parse(map)));
  return (line, column) => {
    let place = { line: line - 1, column: column - 1 };
    for (const step of steps) {
      const entry = step.findEntry(place.line, place.column);
      if (!("originalLine" in entry)) return undefined;
      place = { line: entry.originalLine, column: entry.originalColumn };
    }
    const cellLine = place.line - LINES_BEFORE_CELL + 1;
    return cellLine < 1 ? undefined : { line: cellLine, column: place.column + 1 };
  };
}
