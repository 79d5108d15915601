import { expect, test } from "vitest";
import { argumentsOf, type SparkParameter } from "../../src/spark/literals.ts";

function literal(value: SparkParameter): unknown {
  const [expression] = argumentsOf([value]).posArguments ?? [];
  return expression?.exprType?.case === "literal"
    ? expression.exprType.value.literalType
    : expression;
}

test.each<[SparkParameter, unknown]>([
  ["it's", { case: "string", value: "it's" }],
  [true, { case: "boolean", value: true }],
  [2_147_483_647, { case: "integer", value: 2_147_483_647 }],
  [2_147_483_648, { case: "long", value: 2_147_483_648n }],
  [-2_147_483_648, { case: "integer", value: -2_147_483_648 }],
  [2 ** 53, { case: "double", value: 2 ** 53 }],
  [-0, { case: "double", value: -0 }],
  [1.5, { case: "double", value: 1.5 }],
  [5n, { case: "long", value: 5n }],
  [2n ** 63n, { case: "decimal", value: { value: String(2n ** 63n), precision: 38, scale: 0 } }],
  [new Date("2013-01-01T05:15:00.123Z"), { case: "timestamp", value: 1_357_017_300_123_000n }],
  [null, { case: "null", value: { kind: { case: "null", value: {} } } }],
])("%s is sent as the narrowest type that holds it", (value, expected) => {
  expect(literal(value)).toEqual(expected);
});

test.each<[string, string | number | bigint | boolean | Date, unknown]>([
  [
    "decimal(10,2)",
    "12.30",
    { case: "decimal", value: { value: "12.30", precision: 10, scale: 2 } },
  ],
  ["tinyint", 7, { case: "byte", value: 7 }],
  ["smallint", "-32768", { case: "short", value: -32_768 }],
  ["bigint", "9007199254740993", { case: "long", value: 9_007_199_254_740_993n }],
  ["float", 1.5, { case: "float", value: 1.5 }],
  ["date", "2013-01-31", { case: "date", value: 15_736 }],
  ["date", "1969-12-31", { case: "date", value: -1 }],
  [
    "timestamp",
    "2013-01-01T05:15:00.000001+01:00",
    { case: "timestamp", value: 1_357_013_700_000_001n },
  ],
  ["timestamp_ntz", "2013-01-01 05:15:00", { case: "timestampNtz", value: 1_357_017_300_000_000n }],
  ["string", 5, { case: "string", value: "5" }],
])("a %s may be named: %s", (type, value, expected) => {
  expect(literal({ type, value })).toEqual(expected);
});

test.each<[string, string | number | bigint | boolean | Date]>([
  ["decimal(4,2)", "123.40"],
  ["decimal(4,2)", "1.234"],
  ["decimal(4,2)", ""],
  ["decimal(4,2)", "."],
  ["tinyint", 128],
  ["int", 1.5],
  ["int", ""],
  ["date", "2013-02-30"],
  ["date", "31.1.2013"],
  ["timestamp", "2013-01-01 05:15:00"],
  ["timestamp_ntz", "2013-01-01T05:15:00Z"],
  ["timestamp", new Date(Number.NaN)],
  ["geography", "POINT (1 2)"],
])("no %s: %s", (type, value) => {
  expect(() => literal({ type, value })).toThrow(
    expect.objectContaining({ code: "BAD_OPTIONS", message: expect.stringContaining("number 1") }),
  );
});

test("lists are arrays, and parameters may have names", () => {
  const { namedArguments } = argumentsOf({ carriers: ["UA", "AA"], month: 1 });
  expect(namedArguments?.carriers?.exprType).toEqual({
    case: "unresolvedFunction",
    value: {
      functionName: "array",
      arguments: ["UA", "AA"].map((value) => ({
        exprType: { case: "literal", value: { literalType: { case: "string", value } } },
      })),
    },
  });
  expect(Object.keys(namedArguments ?? {})).toEqual(["carriers", "month"]);
  expect(argumentsOf(undefined)).toEqual({});
});

test.each<[SparkParameter[], unknown[]]>([
  [
    [1, null],
    [{ case: "integer", value: 1 }, nullOf("integer")],
  ],
  [
    [1, 2n],
    [
      { case: "long", value: 1n },
      { case: "long", value: 2n },
    ],
  ],
  [
    [1, 2 ** 40],
    [
      { case: "long", value: 1n },
      { case: "long", value: 2n ** 40n },
    ],
  ],
  [
    [null, 1, 2.5],
    [nullOf("double"), { case: "double", value: 1 }, { case: "double", value: 2.5 }],
  ],
  [
    [null, "x"],
    [nullOf("string"), { case: "string", value: "x" }],
  ],
])("items of %s have one type", (list, expected) => {
  const call = argumentsOf([list]).posArguments?.[0]?.exprType;
  const items = call?.case === "unresolvedFunction" ? (call.value.arguments ?? []) : [];
  const types = items.map(({ exprType }) =>
    exprType?.case === "literal" ? exprType.value.literalType : exprType,
  );
  expect(types).toEqual(expected);
});

function nullOf(type: string) {
  return { case: "null", value: { kind: { case: type, value: {} } } };
}

test("what SQL has no like of is refused", () => {
  for (const value of [undefined, {}, () => 1, new Date(Number.NaN), 10n ** 38n]) {
    expect(() => literal(value as never)).toThrow(expect.objectContaining({ code: "BAD_OPTIONS" }));
  }
});
