import { decodeTexts } from "./decode-texts.ts";
import { BILLIONS, type Inspection, isNear, millisecondsOf } from "./inspector.ts";
import { isValid, type Part } from "./part.ts";

export function decodeValues(parts: readonly Part[], inspection: Inspection): unknown[] {
  const values: unknown[] = new Array(parts.reduce((sum, part) => sum + part.rows, 0));
  let at = 0;
  for (const part of parts) {
    decodePart(part, inspection, values, at);
    part.drop();
    at += part.rows;
  }
  return values;
}

function decodePart(part: Part, inspection: Inspection, values: unknown[], at: number): void {
  const { rows, valid } = part;
  switch (inspection.via) {
    case "items": {
      const { items } = part;
      for (let row = 0; row < rows; row++) {
        values[at + row] = isValid(valid, row) ? items[row] : null;
      }
      return;
    }
    case "days": {
      const { items } = part;
      for (let row = 0; row < rows; row++) {
        values[at + row] = isValid(valid, row) ? new Date((items[row] ?? 0) * 86_400_000) : null;
      }
      return;
    }
    case "int64":
    case "microseconds": {
      const { halves } = part;
      const isTime = inspection.via === "microseconds";
      for (let row = 0; row < rows; row++) {
        const [low, high] = [halves[2 * row] ?? 0, halves[2 * row + 1] ?? 0];
        const whole = high * BILLIONS + (low >>> 0);
        const time = isNear(high) ? whole / 1000 : millisecondsOf(high, low);
        values[at + row] = !isValid(valid, row) ? null : isTime ? new Date(time) : whole;
      }
      return;
    }
    case "text":
      decodeTexts(part, values, at);
      return;
    default:
      for (let row = 0; row < rows; row++) {
        values[at + row] = plain(part.valueAt(row), inspection);
      }
  }
}

function plain(value: unknown, { kind, via }: Inspection): unknown {
  if (value === null || typeof value === "boolean") return value;
  if (via === "number-text") return Number(value);
  if (kind === "timestamp")
    return new Date(Number((value as { nanos: bigint }).nanos / 1_000_000n));
  return String(value);
}
