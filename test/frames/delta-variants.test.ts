import { describe, expect, it } from "vitest";
import { variantJson } from "../../src/frames/delta/variant.ts";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { query } from "../../src/frames/query.ts";
import { deltaTable, features, field, metaData } from "./delta-table.ts";

const table = deltaTable();

// The names "a" and "bc", sorted; then an object of both: { a: 1, bc: [true, "x"] }.
const NAMES = "01 02 00 01 03 61 62 63";
const OBJECT = "02 02 00 01 00 02 09 0c 01 03 02 00 01 03 04 05 78";

function bytes(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(" ", ""), "hex");
}

function blob(hex: string): string {
  return `from_hex('${hex.replaceAll(" ", "")}')`;
}

async function commit(select: string): Promise<void> {
  const columns = metaData([field("v", "variant")]);
  await table.commit(0, [
    features("variantType", "variantShredding"),
    columns,
    await table.file("a.parquet", select),
  ]);
}

describe("a variant", () => {
  it("is JSON, wherever it stands", async () => {
    const value = `{'value': ${blob(OBJECT)}, 'metadata': ${blob(NAMES)}}`;
    await commit(`select unnest([${value}, null]) as v`);
    const { values } = await loadFrame(table.lake, "t");
    expect(values).toEqual([['{"a":1,"bc":[true,"x"]}'], [null]]);
    const found = await query(table.lake, "select v->'bc'->>1 as x from 't' where v->>'a' = '1'");
    expect(found.values).toEqual([["x"]]);
  });

  it("is JSON also where the file says that it is a variant", async () => {
    await commit("select {'a': 1, 'b': ['x', null]}::variant as v");
    const { values } = await loadFrame(table.lake, "t");
    expect(JSON.parse(String((values as string[][])[0]?.[0]))).toEqual({ a: 1, b: ["x", null] });
  });

  it("is refused when it is shredded, and when its bytes are wrong", async () => {
    await commit("select {'value': ''::blob, 'metadata': ''::blob, 'typed_value': 1} as v");
    await expect(loadFrame(table.lake, "t")).rejects.toMatchObject({ code: "UNSUPPORTED" });
    await commit(`select {'value': ${blob("02 ff")}, 'metadata': ${blob(NAMES)}} as v`);
    await expect(loadFrame(table.lake, "t")).rejects.toMatchObject({ name: "FrameError" });
  });

  it.each([
    ["00", "null"],
    ["08", "false"],
    ["0c 80", "-128"],
    ["10 00 80", "-32768"],
    ["14 ff ff ff 7f", "2147483647"],
    ["18 00 00 00 00 00 00 00 80", "-9223372036854775808"],
    ["1c 00 00 00 00 00 00 f8 7f", '"NaN"'],
    ["20 02 fb ff ff ff", "-0.05"],
    ["24 00 05 00 00 00 00 00 00 00", "5"],
    ["28 01 ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff", "-0.1"],
    ["2c ff ff ff ff", '"1969-12-31"'],
    ["30 ff ff ff ff ff ff ff ff", '"1969-12-31 23:59:59.999999+00:00"'],
    ["34 00 00 00 00 00 00 00 00", '"1970-01-01 00:00:00"'],
    ["38 cd cc cc 3d", "0.1"],
    ["38 00 00 80 7f", '"Infinity"'],
    ["3c 02 00 00 00 00 ff", '"AP8="'],
    ["40 01 00 00 00 22", '"\\""'],
    ["44 01 00 00 00 00 00 00 00", '"00:00:00.000001"'],
    ["4c 01 00 00 00 00 00 00 00", '"1970-01-01 00:00:00.000000001"'],
    [
      "50 00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff",
      '"00112233-4455-6677-8899-aabbccddeeff"',
    ],
    ["02 00 00", "{}"],
    ["13 01 00 00 00 00 01 00", "[null]"],
  ])("of the bytes %s is %s", (hex, json) => {
    expect(variantJson(bytes(NAMES), bytes(hex))).toBe(json);
  });

  it("that is cut off anywhere, or of another version, is refused", () => {
    const whole = bytes(OBJECT);
    for (let length = 0; length < whole.length; length++) {
      expect(() => variantJson(bytes(NAMES), whole.subarray(0, length))).toThrow(RangeError);
    }
    expect(() => variantJson(bytes(NAMES.replace("01", "02")), whole)).toThrow(/version 2/);
    expect(() => variantJson(bytes(NAMES), bytes("54"))).toThrow(/type 21/);
  });
});
