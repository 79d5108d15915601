import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { listOperations } from "../../src/practice/lake/dispatch.ts";
import { ONELAKE_KNOWN } from "../../src/practice/lake/onelake/onelake-refusals.ts";
import {
  IGNORED_ON_ONELAKE,
  INPUTS,
  ON_ONELAKE,
  REFUSED,
  SAS_NOT_ON_ONELAKE,
} from "../../src/practice/lake/wire/inputs.ts";
import { KNOWN } from "../../src/practice/lake/wire/refusals.ts";

/** A file that is generated in part, as it is and as it should be. */
export interface Generated {
  file: string;
  actual: string;
  expected: string;
}

const root = join(import.meta.dirname, "../..");

/** Where OneLake takes operations, in words. */
const PLACES = {
  account: "the tenant",
  workspace: "a workspace: of its properties HEAD alone",
  item: "anywhere in an item",
  change: "below `Files` and `Tables` of a lakehouse",
};

/** What the practice lake serves and refuses, from the tables that it works by. */
export function parity(): Generated {
  const file = join(root, "test/docs/parity.md");
  const suites = globSync("test/{practice,practice-lake,lake,account,auth}/**/*.test.ts", {
    cwd: root,
  })
    .sort()
    .map((name) => ({ room: name.split("/")[1], text: readFileSync(join(root, name), "utf8") }));
  const operations = listOperations().map(({ on, key, name }) => {
    const words = (INPUTS[name] ?? "").split(/\s+/).filter(Boolean);
    const of = (isParameter: boolean) =>
      words
        .filter((word) => word.startsWith("?") === isParameter)
        .map((word) => `\`${word.replace("?", "")}\``)
        .join(" ");
    return `| ${on} | \`${key}\` | ${name} | ${of(false)} | ${of(true)} |`;
  });
  const refused = Object.entries(REFUSED).map(
    ([name, code]) => `| \`${name}\` | ${KNOWN[code][0]} | ${code} |`,
  );
  const errorRow = ([code, [status]]: readonly [string, readonly [number, string]]) => {
    const assert = new RegExp(`\\b${code}\\b`);
    const rooms = suites.filter(({ text }) => assert.test(text)).map(({ room }) => room);
    const tested = [...new Set(rooms)].map((room) => `test/${room}`).join(", ") || "-";
    return `| ${code} | ${status} | ${tested} |`;
  };
  const errors = Object.entries(KNOWN).map(errorRow);
  const ofOneLake = Object.entries(ONELAKE_KNOWN).map(errorRow);
  const named = (words: readonly string[]) => words.map((word) => `\`${word}\``).join(" ");
  const places = Object.entries(PLACES).map(([place, about]) => {
    const operations = Object.keys(ON_ONELAKE).filter((name) => ON_ONELAKE[name] === place);
    return `| ${about} | ${named(operations)} |`;
  });
  const expected = `# What the practice lake serves

Written by \`npm run fix\` from the tables that the lake works by, and kept true by a test.

## Operations

Headers that every operation takes (\`x-ms-date\`, \`x-ms-version\`, \`x-ms-client-request-id\`, \`x-ms-meta-*\`) are left out.
Suites of other clients run against them as a whole: \`test/interop/datalake-suite.sh\` (Microsoft's tests of its Python client, sync and
async), X, \`adlfs.sh\`, \`polars.sh\`.

| on | what is asked | served by | headers | parameters |
|---|---|---|---|---|
${operations.join("\n")}

## Refused by name

All other headers that begin with \`x-ms-\` are refused with 400 UnsupportedHeader where an operation does not take them, and
parameters of other operations with 400 UnsupportedQueryParameter. With a question mark: parameters.

| header or parameter | status | code |
|---|---|---|
${refused.join("\n")}

## Errors

| code | status | asserted in |
|---|---|---|
${errors.join("\n")}

## OneLake

By Microsoft's page "OneLake and Azure Data Lake Storage (ADLS) API parity", at \`onelake.dfs\` and
\`onelake.blob.fabric.microsoft.com\` and those of a region. What is served where, with the inputs above; all else is refused:

| where | operations |
|---|---|
${places.join("\n")}

Passed over, and named in \`x-ms-rejected-headers\`: ${named(IGNORED_ON_ONELAKE)}.
Signatures are user delegation signatures for \`b\` or \`d\`, for one hour at most, without ${named(SAS_NOT_ON_ONELAKE)}.
Microsoft's page has no codes: these are what callers of OneLake report, and BadRequest and UnsupportedQueryParameter stand
for refusals of which none has been reported.

| code | status | asserted in |
|---|---|---|
${ofOneLake.join("\n")}
`;
  let actual = "";
  try {
    actual = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  return { file, actual, expected };
}
