import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";

// Files of a process may be no larger than so: as on a full disk, writing fails on the way.
const LIMITED = 'trap "" XFSZ; ulimit -f 100; exec "$0" "$@"';
const SCRIPT = `
  const { writeQuery } = await import("${import.meta.dirname}/../../src/frames/write-frame.ts");
  const lake = { url: "abfss://raw@contosolake.dfs.core.windows.net/", exists: async () => false };
  const sql = "select random() as x from range(1000000)";
  await writeQuery(lake, "big.parquet", sql).catch(({ name, code, message }) =>
    console.log(JSON.stringify({ name, code, message })));
`;

test.runIf(process.platform === "linux")("a disk that is full has a code and a hint", async () => {
  const node = [
    process.execPath,
    "--conditions=notelake-source",
    "--input-type=module",
    "-e",
    SCRIPT,
  ];
  const child = spawn("bash", ["-c", LIMITED, ...node]);
  const [told, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  expect(errors.replaceAll(/.*ExperimentalWarning.*\n|.*--trace-warnings.*\n/g, "")).toBe("");
  expect(JSON.parse(told)).toMatchObject({
    name: "LakeError",
    code: "LOCAL_FILE",
    message: expect.stringContaining("could not be made on this machine"),
  });
});
