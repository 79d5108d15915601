import { expect, test } from "vitest";
import { CLOUD_ENDPOINTS, type Cloud } from "../../src/core/cloud.ts";
import { LakeError } from "../../src/core/errors.ts";
import { lakeUrl, parseLocation, parsePath } from "../../src/lake/location.ts";

const loopback = { port: 8443, ca: "", metadata: "http://127.0.0.1:1" };
const practice: Cloud = {
  ...CLOUD_ENDPOINTS.public,
  kind: "practice",
  account: "contosolake",
  loopback,
};
const china: Cloud = { ...CLOUD_ENDPOINTS.china, kind: "azure" };
const raw = { generation: 2, account: "contosolake", fileSystem: "raw" } as const;

test.each([
  ["abfss://raw@contosolake.dfs.core.windows.net", ""],
  ["abfss://raw@contosolake.dfs.core.windows.net/", ""],
  ["abfss://raw@contosolake.dfs.core.windows.net/a b/ü%20.csv", "a b/ü%20.csv"],
  ["abfss://raw@contosolake.dfs.core.windows.net:8443/sales/", "sales"],
  ["https://contosolake.dfs.core.windows.net/raw/sales/2026", "sales/2026"],
  ["https://contosolake.dfs.core.windows.net:8443/raw/a%20b", "a b"],
  ["https://contosolake.blob.core.windows.net/raw/a%2525", "a%25"],
  ["https://127.0.0.1:8443/contosolake/raw/x", "x"],
  ["raw", ""],
])("%s leads to the file system raw", (url, path) => {
  expect(parseLocation(practice, url)).toEqual({ ...raw, path });
});

test("a Gen1 URL has no file system, and drops the WebHDFS prefix", () => {
  const gen1 = { generation: 1, account: "oldlake", fileSystem: "", path: "a/b" };
  expect(parseLocation(practice, "adl://oldlake.azuredatalakestore.net/a/b")).toEqual(gen1);
  const url = "https://oldlake.azuredatalakestore.net/webhdfs/v1/a/b";
  expect(parseLocation(practice, url)).toEqual(gen1);
});

test("a signature in a URL is kept apart from the path", () => {
  const url = "https://contosolake.dfs.core.windows.net/raw/a?sv=2024-11-04&sig=c2VjcmV0";
  expect(parseLocation(practice, url)).toEqual({
    ...raw,
    path: "a",
    sas: "sv=2024-11-04&sig=c2VjcmV0",
  });
});

test.each([
  ["", "raw, with no account known", china],
  ["s3://bucket/key", "s3:// is not supported", practice],
  ["abfss://raw@contosolake.dfs.core.windows.net.evil.example/", "not a lake URL", practice],
  ["abfss://raw@contosolake.dfs.core.windows.net/", "of this cloud", china],
  ["abfss://raw@contosolake.dfs.core.windows.net:444/", "not a lake URL", practice],
  ["abfss://contosolake.dfs.core.windows.net/", "not a lake URL", practice],
  ["abfss://Raw@contosolake.dfs.core.windows.net/", '"Raw" cannot be the name', practice],
  ["https://contosolake.dfs.core.windows.net/", "names no file system", practice],
  ["https://contosolake.dfs.core.windows.net/raw/%zz", "broken % escape", practice],
  ["https://contosolake.dfs.core.windows.net/raw/a%2Fb", "escaped slash", practice],
  ["https://me:secret@contosolake.dfs.core.windows.net/raw", "carries a password", practice],
  ["https://127.0.0.1:9/contosolake/raw", "not a lake URL", practice],
  ["adl://contosolake.dfs.core.windows.net/a", "not a Gen1 URL", practice],
])("%s is refused: %s", (url, why, cloud) => {
  const refusal = refusalOf(() => parseLocation(cloud, url));
  if (url) expect(refusal.message).toContain(why);
  expect(refusal.code).toBe("BAD_PATH");
});

test.each([
  ["/sales//", "sales"],
  ["sales/2026/", "sales/2026"],
  ["", ""],
  ["a%2Fb/ü 😀", "a%2Fb/ü 😀"],
  ["x".repeat(1024), "x".repeat(1024)],
  ["abfss://raw@contosolake.dfs.core.windows.net/a/b", "a/b"],
])("the path %j is taken", (text, path) => {
  expect(parsePath(practice, raw, text)).toBe(path);
});

test.each([
  ["a/../b", ". or .."],
  ["./a", ". or .."],
  ["a//b", "empty name"],
  ["a\\b", "backslash"],
  ["a\u0000b", "control character"],
  ["a\nb", "control character"],
  ["a\ud800", "well-formed"],
  ["x".repeat(1025), "too long"],
  ["abfss://raw@otherlake.dfs.core.windows.net/a", "another lake than raw @ contosolake"],
  ["abfss://curated@contosolake.dfs.core.windows.net/a", "another lake"],
])("the path %j is refused", (text, why) => {
  const refusal = refusalOf(() => parsePath(practice, raw, text));
  expect(refusal.code).toBe("BAD_PATH");
  expect(refusal.message).toContain(why);
});

test("a refusal never repeats a signature or a password", () => {
  for (const text of [
    "https://contosolake.dfs.core.windows.net/raw/%zz?sv=1&sig=c2VjcmV0",
    "https://contosolake.dfs.core.windows.net.evil.example/raw?sig=c2VjcmV0",
    "https://me:c2VjcmV0@contosolake.dfs.core.windows.net/raw",
  ]) {
    expect(String(refusalOf(() => parseLocation(practice, text)))).not.toContain("c2VjcmV0");
  }
});

test("an address is shown as the URL that leads to it", () => {
  expect(lakeUrl(china, raw, "a b")).toBe("abfss://raw@contosolake.dfs.core.chinacloudapi.cn/a b");
  const gen1 = { generation: 1, account: "oldlake", fileSystem: "" } as const;
  expect(lakeUrl(practice, gen1)).toBe("adl://oldlake.azuredatalakestore.net/");
});

function refusalOf(work: () => unknown): LakeError {
  try {
    work();
  } catch (error) {
    if (error instanceof LakeError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}
