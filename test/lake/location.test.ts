import fc from "fast-check";
import { expect, test } from "vitest";
import { CLOUD_ENDPOINTS, type Cloud } from "../../src/core/cloud.ts";
import { LakeError } from "../../src/core/errors.ts";
import { parseLocation, parsePath } from "../../src/lake/url/lake-url.ts";
import { escapePath, type LakeLocation, lakeUrl } from "../../src/lake/url/location.ts";

const loopback = { port: 8443, ca: "", metadata: "http://127.0.0.1:1" };
const practice: Cloud = {
  ...CLOUD_ENDPOINTS.public,
  kind: "practice",
  account: "contosolake",
  loopback,
};
const china: Cloud = { ...CLOUD_ENDPOINTS.china, kind: "azure" };
const ID =
  "storageAccountId/%2Fsubscriptions%2Fs1%2FresourceGroups%2Flakes%2Fproviders%2FMicrosoft.Storage%2FstorageAccounts%2Fcontosolake";
const BLADE = `Microsoft_Azure_Storage/ContainerMenuBlade/~/overview/${ID}`;
const FILE_BLADE = `Microsoft_Azure_Storage/BlobPropertiesBladeV2/${ID}`;
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
  ["abfs://raw@contosolake.dfs.core.windows.net/a", "a"],
  ["abfss://raw@contosolake.blob.core.windows.net/a", "a"],
  ["ABFSS://raw@ContosoLake.dfs.core.windows.net/A", "A"],
  ["wasbs://raw@contosolake.blob.core.windows.net/a b", "a b"],
  ["wasb://raw@contosolake.blob.core.windows.net/", ""],
  ["az://raw@contosolake.dfs.core.windows.net/a", "a"],
  ["az://contosolake.blob.core.windows.net/raw/a%20b", "a%20b"],
  ["abfss://contosolake.dfs.core.windows.net/raw/a/b", "a/b"],
  ["az://raw/a/*.parquet", "a/*.parquet"],
  ["azure://raw", ""],
  ["https://contosolake.blob.core.windows.net/raw/a%23b%3Fc", "a#b?c"],
  ["https://contosolake.dfs.core.windows.net/raw/a+b%2Bc", "a+b+c"],
  [
    `https://portal.azure.com/#view/${BLADE}/path/raw/etag/%220x8DC%22/defaultId//publicAccessVal/None`,
    "",
  ],
  [`https://ms.portal.azure.com/?feature.x=1#@contoso.com/blade/${BLADE}/path/raw`, ""],
  [
    `https://portal.azure.com/#view/${FILE_BLADE}/path/raw%2Fa%20b%2Fc%2523.csv/isDeleted~/false/tabToload~/0`,
    "a b/c%23.csv",
  ],
])("%s leads to the file system raw", (url, path) => {
  expect(parseLocation(practice, url)).toEqual({ ...raw, path });
});

test("a Gen1 URL has no file system, and drops the WebHDFS prefix", () => {
  const gen1 = { generation: 1, account: "oldlake", fileSystem: "", path: "a/b" };
  expect(parseLocation(practice, "adl://oldlake.azuredatalakestore.net/a/b")).toEqual(gen1);
  const url = "https://oldlake.azuredatalakestore.net/webhdfs/v1/a/b";
  expect(parseLocation(practice, url)).toEqual(gen1);
});

test.each([
  "https://contosolake.z12.dfs.storage.azure.net/raw/a",
  "https://contosolake.z12.blob.storage.azure.net/raw/a",
  "abfss://raw@contosolake.z12.dfs.storage.azure.net/a",
])("%s keeps the DNS zone", (url) => {
  const host = "contosolake.z12.dfs.storage.azure.net";
  const location = parseLocation(practice, url);
  expect(location).toEqual({ ...raw, host, path: "a" });
  expect(lakeUrl(practice, location, "a")).toBe(`abfss://raw@${host}/a`);
  // It is another account than the one of that name without a zone.
  expect(refusalOf(() => parsePath(practice, raw, url)).message).toContain("another lake");
  expect(parsePath(practice, { ...raw, host }, url)).toBe("a");
});

test.each([
  ["abfss://$web@contosolake.dfs.core.windows.net/index.html", undefined],
  ["https://contosolake.blob.core.windows.net/$web/index.html", undefined],
  ["https://contosolake.blob.core.windows.net/%24web/index.html", undefined],
  ["https://contosolake.z6.web.core.windows.net/index.html", undefined],
  [
    `https://portal.azure.com/#view/${BLADE.replace("overview", "x")}/path/%24web%2Findex.html`,
    undefined,
  ],
  [
    "https://contosolake.z12.web.storage.azure.net/index.html",
    "contosolake.z12.dfs.storage.azure.net",
  ],
])("%s leads into the static website", (url, host) => {
  const place = { ...raw, fileSystem: "$web", path: "index.html", ...(host && { host }) };
  expect(parseLocation(practice, url)).toEqual(place);
});

const WORKSPACE_ID = "86bc63cf-5086-42e0-b16d-6bc580d1dc87";
const ITEM_ID = "17d3977c-d46e-4bae-8fed-ff467e674aed";
const oneLake = {
  generation: 2,
  account: "onelake",
  host: "onelake.dfs.fabric.microsoft.com",
} as const;
const A_CSV = "Shop.Lakehouse/Files/a b.csv";

test.each([
  ["https://onelake.dfs.fabric.microsoft.com/Sales/Shop.Lakehouse/Files/a%20b.csv", "Sales", A_CSV],
  [
    "https://onelake.blob.fabric.microsoft.com/Sales/Shop.Lakehouse/Files/a%20b.csv",
    "Sales",
    A_CSV,
  ],
  ["abfss://Sales@onelake.dfs.fabric.microsoft.com/Shop.Lakehouse/Files/a b.csv", "Sales", A_CSV],
  ["abfss://Sales%202026@onelake.dfs.fabric.microsoft.com/", "Sales 2026", ""],
  ["az://onelake.dfs.fabric.microsoft.com/Sales/Shop.Lakehouse/Files/a b.csv", "Sales", A_CSV],
  [
    `abfss://${WORKSPACE_ID}@onelake.dfs.fabric.microsoft.com/${ITEM_ID}/Tables/t`,
    WORKSPACE_ID,
    `${ITEM_ID}/Tables/t`,
  ],
  [
    `https://app.fabric.microsoft.com/groups/${WORKSPACE_ID}/lakehouses/${ITEM_ID}?experience=data-engineering`,
    WORKSPACE_ID,
    ITEM_ID,
  ],
  [`https://app.powerbi.com/groups/${WORKSPACE_ID}/list`, WORKSPACE_ID, ""],
])("%s leads into OneLake", (url, fileSystem, path) => {
  const location = parseLocation(practice, url);
  expect(location).toEqual({ ...oneLake, fileSystem, path });
  expect(parseLocation(practice, lakeUrl(practice, location, path))).toEqual(location);
});

test("a region of OneLake is kept, and leads to the same workspace", () => {
  const host = "westus-onelake.dfs.fabric.microsoft.com";
  const url = `https://${host}/Sales/Shop.Lakehouse/Files/a%20b.csv`;
  expect(parseLocation(practice, url)).toMatchObject({ host, fileSystem: "Sales" });
  expect(parsePath(practice, { ...oneLake, fileSystem: "Sales" }, url)).toBe(A_CSV);
});

test.each([
  [
    `abfss://${WORKSPACE_ID}@onelake.dfs.fabric.microsoft.com/Shop.Lakehouse/Files`,
    "mixes names and ids",
  ],
  [`abfss://Sales@onelake.dfs.fabric.microsoft.com/${ITEM_ID}/Files`, "mixes names and ids"],
  ["abfss://Sales@onelake.dfs.fabric.microsoft.com/Shop/Files/a", "which type Shop is"],
  ["https://onelake.dfs.fabric.microsoft.com/", "names no workspace"],
  ["https://evil-onelake.dfs.fabric.microsoft.com.example/Sales", "not a lake URL"],
  ["https://api.onelake.fabric.microsoft.com/Sales", "not a lake URL"],
  ["https://app.fabric.microsoft.com/home", "names no workspace"],
])("%s is refused: %s", (url, why) => {
  const refusal = refusalOf(() => parseLocation(practice, url));
  expect(refusal.message).toContain(why);
  expect(refusal.hint).toMatch(/Lakehouse|names of both/);
  expect(() => parseLocation(china, url)).toThrow(LakeError);
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
  ["abfss://contosolake.dfs.core.windows.net/", "names no file system", practice],
  ["abfss://raw@contosolake-secondary.dfs.core.windows.net/", "another region", practice],
  ["https://contosolake.privatelink.dfs.core.windows.net/raw", "private link", practice],
  ["https://contosolake.file.core.windows.net/share", "the file service", practice],
  ["https://contosolake.z3.queue.core.windows.net/raw", "not a lake URL", practice],
  ["https://contosolake.z12.dfs.storage.azure.net/raw", "of this cloud", china],
  ["http://contosolake.dfs.core.windows.net/raw", "not encrypted", practice],
  ["contosolake.dfs.core.windows.net/raw", "no https://", practice],
  ["https://contosolake.dfs.core.windows.net/raw/a#b.csv", "has a #", practice],
  ["https://contosolake.dfs.core.windows.net/raw/a/../b", ". or ..", practice],
  ["https://contosolake.dfs.core.windows.net/raw/a/%2e%2E/b", ". or ..", practice],
  ["https://contosolake.dfs.core.windows.net/raw\\a", "backslash", practice],
  ["https://contosolake.dfs.core.windows.net/raw/a\nb", "control character", practice],
  [
    "https://contosolake.blob.core.windows.net/raw/a?snapshot=2026-01-01",
    "earlier state",
    practice,
  ],
  [
    "https://contosolake.blob.core.windows.net/raw/a?versionId=2026-01-01",
    "earlier state",
    practice,
  ],
  [
    "https://portal.azure.com/#view/Microsoft_Azure_Storage/StorageBrowser",
    "no storage account",
    practice,
  ],
  [
    "https://portal.azure.com/#@contoso.com/resource/subscriptions/s1/resourceGroups/lakes/providers/Microsoft.Storage/storageAccounts/contosolake/storagebrowser",
    "no file system",
    practice,
  ],
  [
    `https://portal.azure.com/#view/${FILE_BLADE}/path/raw%2Fa/versionId/2026-01-01T00%3A00%3A00Z`,
    "earlier state",
    practice,
  ],
  ["az://raw/a", "not a lake URL", china],
  ["adl://raw/a", "not a Gen1 URL", practice],
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
  "https://contosolake-secondary.dfs.core.windows.net/raw",
  "https://contosolake.privatelink.blob.core.windows.net/raw",
  "https://contosolake.table.core.windows.net/raw",
  "s3://bucket/key",
  "contosolake.blob.core.windows.net/raw/a",
  "https://portal.azure.com/#@contoso.com/resource/subscriptions/s/providers/Microsoft.Storage/storageAccounts/contosolake",
])("what refuses %s has a form that works", (url) => {
  const { hint = "" } = refusalOf(() => parseLocation(practice, url));
  const form = /abfss:\/\/[^ ,]*\//.exec(hint)?.[0] ?? "";
  const filled = form.replace("FILESYSTEM", "raw").replace("ACCOUNT", "contosolake");
  expect(parseLocation(practice, filled)).toMatchObject(raw);
});

const NAME = fc.stringMatching(/^[a-z0-9]{3,10}(-[a-z0-9]{1,10}){0,2}$/);
const PATH = fc
  .array(fc.string({ unit: "binary", minLength: 1, maxLength: 12 }), { maxLength: 4 })
  .map((names) => names.join("/"))
  .filter((path) => isPath(path));

function isPath(path: string): boolean {
  try {
    return parsePath(practice, raw, path) === path && !/:\/\/|\?.*sig=/i.test(path);
  } catch {
    return false;
  }
}

test("every form of a URL leads to the one place it was made for", () => {
  const account = "contosolake";
  const host = "contosolake.z07.dfs.storage.azure.net";
  fc.assert(
    fc.property(NAME, PATH, fc.boolean(), (fileSystem, path, zoned) => {
      const dfs = zoned ? host : `${account}.dfs.core.windows.net`;
      const blob = dfs.replace(".dfs.", ".blob.");
      const place = { ...raw, fileSystem, path, ...(zoned && { host }) };
      const urls = [
        lakeUrl(practice, place, path),
        `abfs://${fileSystem}@${dfs}/${path}`,
        `wasbs://${fileSystem}@${blob}/${path}`,
        `az://${blob}/${fileSystem}/${path}`,
        `https://${dfs}/${fileSystem}/${escapePath(path)}`,
        `https://${blob}:443/${fileSystem}/${escapePath(path)}?sp=r&sig=c2VjcmV0`,
      ];
      for (const url of urls) expect(parseLocation(practice, url)).toMatchObject(place);
      if (zoned) return;
      const page = `https://portal.azure.com/#view/${FILE_BLADE}/path/`;
      const portal = `${page}${encodeURIComponent(`${fileSystem}/${path}`)}/isDeleted~/false`;
      expect(parseLocation(practice, portal)).toEqual(place);
    }),
  );
});

test("no text is read as two places, throws anything else, or shows its signature", () => {
  const part = fc.constantFrom(
    "abfss://",
    "https://",
    "az://",
    "adl://",
    "raw",
    "@",
    "/",
    "contosolake",
    ".dfs",
    ".blob",
    ".core.windows.net",
    ".z12",
    ".storage.azure.net",
    "%2F",
    "%",
    "?",
    "#",
    "sv=1&",
    "..",
    "\\",
    ":8443",
    "https://portal.azure.com/#view/",
    "/path/",
    "storageAccounts",
    " ",
    "$web",
  );
  const text = fc.tuple(fc.array(part, { maxLength: 12 }), fc.boolean());
  fc.assert(
    fc.property(text, ([parts, signed]) => {
      const url = parts.join("") + (signed ? "?sp=r&sig=c2VjcmV0c2VjcmV0" : "");
      let place: LakeLocation;
      try {
        place = parseLocation(practice, url);
      } catch (error) {
        expect(error).toBeInstanceOf(LakeError);
        expect(String(error)).not.toContain("c2VjcmV0");
        return;
      }
      const { sas: _sas, ...known } = place;
      expect(parseLocation(practice, lakeUrl(practice, place, place.path))).toEqual(known);
      expect(place.path).not.toContain("c2VjcmV0");
    }),
    { numRuns: 2000 },
  );
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
    "abfss://Raw@contosolake.dfs.core.windows.net/a?sv=1&sig=c2VjcmV0",
    "sv=1&sig=c2VjcmV0",
    "raw?sv=1&sig=c2VjcmV0",
  ]) {
    expect(String(refusalOf(() => parseLocation(practice, text)))).not.toContain("c2VjcmV0");
  }
});

test("an address is shown as the URL that leads to it", () => {
  expect(lakeUrl(china, raw, "a b")).toBe("abfss://raw@contosolake.dfs.core.chinacloudapi.cn/a b");
  const gen1 = { generation: 1, account: "oldlake", fileSystem: "" } as const;
  expect(lakeUrl(practice, gen1)).toBe("adl://oldlake.azuredatalakestore.net/");
});

test("a signature behind a path is refused, since the path would be shown with it", () => {
  const refusal = refusalOf(() => parsePath(practice, raw, "a.csv?sv=1&sig=c2VjcmV0"));
  expect(refusal.message).toContain("carries a signature");
  expect(String(refusal)).not.toContain("c2VjcmV0");
  expect(parsePath(practice, raw, "what?.csv")).toBe("what?.csv");
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
