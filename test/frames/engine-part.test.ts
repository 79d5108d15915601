import { describe, expect, it } from "vitest";
import { EnginePart } from "../../src/frames/read/values/engine-part.ts";
import { withEngine } from "../../src/frames/sql/engine.ts";

/** The first rows of a column of some statement's result. */
function partOf(sql: string): Promise<EnginePart> {
  return withEngine(async (engine) => {
    const result = await engine.stream(sql);
    const chunk = await result.fetchChunk();
    if (!chunk) throw new Error("no rows");
    return new EnginePart(chunk, 0, result.columnTypeId(0));
  });
}

describe("a part of the engine's rows", () => {
  it.each([
    ["boolean", "true", [1, 1, 1]],
    ["tinyint", "-128", [-128, -128, -128]],
    ["usmallint", "65535", [65535, 65535, 65535]],
    ["uinteger", "4294967295", [4294967295, 4294967295, 4294967295]],
    ["float", "0.5", [0.5, 0.5, 0.5]],
    ["bigint", "-9007199254740993", [-9007199254740993n, -9007199254740993n, -9007199254740993n]],
    ["ubigint", "18446744073709551615", new Array(3).fill(18446744073709551615n)],
    ["date", "date '1970-01-03'", [2, 2, 2]],
  ])("has the items of %s", async (type, value, items) => {
    const part = await partOf(`select (${value})::${type} from range(3)`);
    expect([...(part.items as unknown as Iterable<unknown>)]).toEqual(items);
    expect(part.valid).toBeUndefined();
  });

  it("lets go of what was read of it, and reads it again", async () => {
    const part = await partOf("select if(i = 70, null, i) from range(2000) r(i)");
    const { halves, valid } = part;
    expect([halves[2 * 1999], part.nulls]).toEqual([1999, 1]);
    part.release();
    expect([halves.length, valid?.length]).toEqual([0, 0]);
    expect([part.halves[2 * 1999], part.nulls, part.valueAt(70)]).toEqual([1999, 1, null]);
  });

  it("has no texts where the type is another", async () => {
    const part = await partOf("select null::int from range(9)");
    expect([part.texts, part.nulls]).toEqual([undefined, 9]);
    expect((await partOf("select 'a text of some length'")).texts?.getInt32(0, true)).toBe(21);
  });
});
