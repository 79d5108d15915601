import { inspect } from "node:util";
import { expect, test } from "vitest";
import { CLOUD_ENDPOINTS, type Cloud } from "../../src/core/cloud.ts";
import { openLakeIn } from "../../src/lake/open-lake-in.ts";

const cloud: Cloud = { ...CLOUD_ENDPOINTS.public, kind: "azure", account: "contosolake" };

test("printed, a lake and a list say what they are, and nothing of the key that opens them", () => {
  const accountKey = Buffer.from("a key that nobody may see").toString("base64");
  const lake = openLakeIn(cloud, "raw", { credential: { accountKey } });
  expect(inspect(lake)).toBe("Lake abfss://raw@contosolake.dfs.core.windows.net/");
  expect(inspect(new Proxy(lake, {}))).toBe(inspect(lake));
  expect(inspect(lake.list("**/*.csv"))).toBe(
    'List of **/*.csv in raw @ contosolake: read it by "for await", or collect it',
  );
  expect(inspect([lake, lake.list()], { depth: 9, showHidden: true })).not.toContain(accountKey);
});
