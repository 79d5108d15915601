import { describe, expect, it } from "vitest";
import {
  FALLBACK,
  readBoolean,
  readDay,
  readDecimal,
  readInstant,
  readMoment,
  readWhole,
} from "../../src/frames/read/plain-csv/cells.ts";

// What is read in the plain way, and what is left to the engine, cell by cell.

type Read<T> = (bytes: Uint8Array, at: number, values: T, row: number) => number;

/** The value and where the cell ends, from a cell in the midst of others; undefined where it falls back. */
function cell<T extends Float64Array | Int32Array | Uint8Array>(
  read: Read<T>,
  text: string,
  values: T,
) {
  const end = read(Buffer.from(`,,${text},1\n`), 2, values, 1);
  return end === FALLBACK ? undefined : { value: values[1], length: end - 2 };
}

const doubles = () => new Float64Array(2);

describe("a whole number", () => {
  it.each(["0", "7", "-7", "10", "999999999999999", "-999999999999999"])("%s", (text) => {
    expect(cell(readWhole, text, doubles())).toEqual({ value: Number(text), length: text.length });
  });

  it.each(["", "-", "+1", "01", "00", "-0", "-01", " 1", "1000000000000000"])("not %j", (text) => {
    expect(cell(readWhole, text, doubles())).toBeUndefined();
  });
});

describe("a decimal number", () => {
  it.each(["0", "0.5", "-0.5", "12.25", "-3", "0.1", "1.0", "0.30000000000000004"])(
    "%s",
    (text) => {
      expect(cell(readDecimal, text, doubles())).toEqual({
        value: Number(text),
        length: text.length,
      });
    },
  );

  it.each(["-0", "-0.0", "-0.00", ".5", "1.", "01.5", "-.5", "", "0.12345678901234567"])(
    "not %j",
    (text) => {
      expect(cell(readDecimal, text, doubles())).toBeUndefined();
    },
  );
});

describe("a truth value", () => {
  it.each([
    ["true", 1],
    ["True", 1],
    ["TRUE", 1],
    ["false", 0],
    ["FALSE", 0],
  ])("%s", (text, value) => {
    expect(cell(readBoolean, text, new Uint8Array(2))).toEqual({ value, length: text.length });
  });

  it.each(["tRUE", "t", "1", "yes"])("not %s", (text) => {
    expect(cell(readBoolean, text, new Uint8Array(2))).toBeUndefined();
  });
});

describe("a date", () => {
  it.each(["1970-01-01", "2024-02-29", "2000-02-29", "1969-12-31", "9999-12-31"])("%s", (text) => {
    const value = Date.parse(text) / 86_400_000;
    expect(cell(readDay, text, new Int32Array(2))).toEqual({ value, length: 10 });
  });

  it.each(["2023-02-29", "1900-02-29", "2024-04-31", "2024-13-01", "2024-00-01", "0999-01-01"])(
    "not %s",
    (text) => {
      expect(cell(readDay, text, new Int32Array(2))).toBeUndefined();
    },
  );
});

describe("a moment", () => {
  it.each(["2024-02-29T23:59:59", "2024-02-29 00:00:00.5", "1969-12-31 23:59:59.999"])(
    "%s",
    (text) => {
      const value = Date.parse(`${text.replace(" ", "T")}Z`);
      expect(cell(readMoment, text, doubles())).toEqual({ value, length: text.length });
      const instant = { value, length: text.length + 1 };
      expect(cell(readInstant, `${text}Z`, doubles())).toEqual(instant);
      expect(cell(readInstant, text, doubles())).toBeUndefined();
    },
  );

  it.each(["2024-01-01T24:00:00", "2024-01-01T10:60:00", "2024-01-01 10:00:00.0001"])(
    "not %s",
    (text) => {
      expect(cell(readMoment, text, doubles())).toBeUndefined();
    },
  );
});
