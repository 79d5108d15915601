import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { type ServedLake, serveLake } from "./served-lake.ts";

let lake: ServedLake;
beforeAll(async () => {
  lake = await serveLake({ "raw/a.txt": "a" });
});
afterAll(() => lake.close());
afterEach(() => vi.restoreAllMocks());

/** Takes away the files that hold what was written, as a broken disk would. */
async function loseBytes() {
  const all = await readdir(lake.folder, { recursive: true });
  const files = all.filter((name) => /\/bytes\/.*\d$/.test(name));
  for (const file of files) await rm(join(lake.folder, file), { recursive: true, force: true });
  return files.length;
}

test("what nobody foresaw is written down with its request, and without its signature", async () => {
  const put = { method: "PUT", headers: { "x-ms-blob-type": "BlockBlob" } };
  await lake.send({ ...put, target: "/raw/lost.txt", body: "x".repeat(100_000) });
  expect(await loseBytes()).toBeGreaterThan(0);
  const written: string[] = [];
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
  const target = "/raw/lost.txt?sig=verysecret";
  const headers = { "x-ms-range": "bytes=0-9" };
  const answer = await lake.send({ target, headers });
  vi.restoreAllMocks();
  expect([answer.status, answer.headers["x-ms-error-code"]]).toEqual([500, "InternalError"]);
  const text = written.join("");
  expect(text).toMatch(
    /^practice cloud: GET https:\/\/\S+\/raw\/lost\.txt\?sig=REDACTED \(request /,
  );
  expect(text).toContain(String(answer.headers["x-ms-request-id"]));
  expect(text).toContain("ENOENT");
  expect(text).not.toContain("verysecret");
});
