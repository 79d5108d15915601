import { expect, test } from "vitest";
import { nearNames } from "../../src/core/near-names.ts";

test.each([
  ["a letter too few", ["days", "label"], "day", ["days"]],
  ["two letters, of a short name", ["days", "label"], "dxyz", ["days"]],
  ["three letters, of a short name", ["days"], "dxzw", []],
  ["a third of a long name", ["resourceGroup"], "ressourcegruop", ["resourceGroup"]],
  ["another case", ["clientId"], "CLIENTID", ["clientId"]],
  ["part of a name", ["storageAccountName", "region"], "account", ["storageAccountName"]],
  [
    "the nearest first, three at most",
    ["axyc", "abcd", "abcx", "ab"],
    "abc",
    ["abcd", "abcx", "ab"],
  ],
  ["nothing alike", ["region", "account"], "zzz", []],
])("%s", (_, names, wanted, expected) => {
  expect(nearNames(names, wanted)).toEqual(expected);
});
