// The files in which a test failed, a line each, from Vitest's JSON report; with `--names`, the tests.
const { readFileSync } = require("node:fs");
const { relative } = require("node:path");

const [report, names] = process.argv.slice(2);
for (const { name, status, assertionResults } of JSON.parse(readFileSync(report, "utf8"))
  .testResults) {
  if (status !== "failed") continue;
  const file = relative(process.cwd(), name);
  const failed = assertionResults.filter((each) => each.status === "failed");
  if (!names) console.log(file);
  else
    console.log([`failed at first: ${file}`, ...failed.map((each) => each.fullName)].join("\n  "));
}
