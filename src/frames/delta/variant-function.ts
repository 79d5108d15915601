import {
  BLOB,
  type DuckDBBlobValue,
  type DuckDBDataChunk,
  DuckDBScalarFunction,
  type DuckDBVector,
  VARCHAR,
} from "@duckdb/node-api";
import type { Engine } from "../sql/engine.ts";
import { variantJson } from "./variant.ts";

/** Name of the engine's function from the two parts of a variant to its JSON text. */
export const VARIANT_FUNCTION = "notelake_variant_json";

/** Lets the engine read variants, whose encoding it knows only where a file is marked to have it. */
export function registerVariantFunction(engine: Engine): void {
  engine.registerScalarFunction(
    DuckDBScalarFunction.create({
      name: VARIANT_FUNCTION,
      parameterTypes: [BLOB, BLOB],
      returnType: VARCHAR,
      mainFunction: (_, input, output) => fill(input, output),
    }),
  );
}

function fill(input: DuckDBDataChunk, output: DuckDBVector): void {
  const [metadata, values] = [input.getColumnVector(0), input.getColumnVector(1)];
  for (let row = 0; row < input.rowCount; row++) {
    const [names, value] = [bytesOf(metadata, row), bytesOf(values, row)];
    output.setItem(row, names && value ? variantJson(names, value) : null);
  }
  output.flush();
}

function bytesOf(vector: DuckDBVector, row: number): Buffer | undefined {
  const value = vector.getItem(row) as DuckDBBlobValue | null;
  if (!value) return undefined;
  const { buffer, byteOffset, byteLength } = value.bytes;
  return Buffer.from(buffer, byteOffset, byteLength);
}
