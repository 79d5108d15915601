import { describe, expect, it } from "vitest";
import { field, metaData, PROTOCOL, pad } from "./delta-table.ts";
import { deltaWriting } from "./delta-writing.ts";

const { write, append, overwrite, rows, commitByHand, files } = deltaWriting();

describe("a table that asks something of its writers", () => {
  const meta = (configuration = {}, metadata = {}, type: unknown = "integer") =>
    metaData([field("a", type, metadata)], [], configuration);
  const protocol = (...writerFeatures: string[]) => ({
    protocol: { minReaderVersion: 3, minWriterVersion: 7, readerFeatures: [], writerFeatures },
  });

  it.each([
    ["row ids", protocol("rowTracking", "domainMetadata"), meta(), /uses rowTracking/],
    ["times in commits", protocol("inCommitTimestamp"), meta(), /uses inCommitTimestamp/],
    ["Iceberg", protocol("icebergCompatV2"), meta(), /uses icebergCompatV2/],
    ["something new", protocol("madeUp"), meta(), /uses madeUp/],
    [
      "a newer version",
      { protocol: { minReaderVersion: 1, minWriterVersion: 8 } },
      meta(),
      /writer version 8/,
    ],
    [
      "mapped columns",
      { protocol: { minReaderVersion: 2, minWriterVersion: 5 } },
      meta({ "delta.columnMapping.mode": "name" }),
      /uses columnMapping \(by name\)/,
    ],
    [
      "a constraint",
      PROTOCOL,
      meta({ "delta.constraints.positive": "a > 0" }),
      /checkConstraints \(positive\)/,
    ],
    ["an invariant", PROTOCOL, meta({}, { "delta.invariants": "{}" }), /invariants \(column a\)/],
    [
      "a generated column",
      PROTOCOL,
      meta({}, { "delta.generationExpression": "1" }),
      /generatedColumns \(column a\)/,
    ],
    [
      "an identity column",
      PROTOCOL,
      meta({}, { "delta.identity.start": 1 }),
      /identityColumns \(column a\)/,
    ],
    [
      "a default",
      protocol("allowColumnDefaults"),
      meta({}, { CURRENT_DEFAULT: "1" }),
      /allowColumnDefaults \(column a\)/,
    ],
    ["variants", protocol("variantType"), meta({}, {}, "variant"), /uses variantType/],
    [
      "required elements",
      PROTOCOL,
      meta({}, {}, { type: "array", elementType: "long", containsNull: false }),
      /required elements/,
    ],
  ])("is refused by name: %s", async (_, protocolAction, metaAction, message) => {
    await commitByHand(0, [protocolAction, metaAction]);
    for (const mode of ["append", "overwrite"] as const) {
      const refused = write("select 1 as a", { mode });
      await expect(refused).rejects.toMatchObject({ code: "UNSUPPORTED" });
      await expect(refused).rejects.toThrow(message);
    }
    expect(await files()).toEqual([`_delta_log/${pad(0)}.json`]);
  });

  it("is written where it does not use what it may", async () => {
    await commitByHand(0, [
      protocol(
        "appendOnly",
        "invariants",
        "checkConstraints",
        "changeDataFeed",
        "columnMapping",
        "deletionVectors",
      ),
      meta({ "delta.appendOnly": "true", "delta.enableChangeDataFeed": "true" }),
    ]);
    await append("select 1 as a");
    await expect(overwrite("select 2 as a")).rejects.toMatchObject({ code: "APPEND_ONLY" });
    expect(await rows()).toEqual([[1]]);
  });

  it("gets no nulls where it holds none", async () => {
    const required = { ...field("a", "integer"), nullable: false };
    await commitByHand(0, [PROTOCOL, metaData([required, field("b", "integer")])]);
    await append("select 1 as a");
    await expect(append("select 1 as b")).rejects.toThrow(
      /column a \(integer\) .* has to have values/,
    );
    await expect(append("select nullif(i, 1)::int as a from range(3) r(i)")).rejects.toThrow(
      /column a .* holds no nulls/,
    );
    expect(await rows()).toEqual([[1, null]]);
  });
});
