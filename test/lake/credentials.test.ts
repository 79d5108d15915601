import { inspect } from "node:util";
import {
  AccountSASPermissions,
  AccountSASResourceTypes,
  AccountSASServices,
  FileSystemSASPermissions,
  generateAccountSASQueryParameters,
  generateDataLakeSASQueryParameters,
  StorageSharedKeyCredential,
} from "@azure/storage-file-datalake";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CLOUD_ENDPOINTS, type Cloud } from "../../src/core/cloud.ts";
import { openLakeIn } from "../../src/lake/open-lake-in.ts";
import { ACCOUNT, type ServedLake, serveLake } from "../practice-lake/served-lake.ts";
import { collect } from "./practice-cloud.ts";
import { Traffic } from "./traffic.ts";

let served: ServedLake;
let cloud: Cloud;
let accountKey: string;

beforeAll(async () => {
  served = await serveLake({ "raw/a.csv": "a\n", "raw/dir/ü b.csv": "b\n" });
  const loopback = { port: served.port, ca: served.ca, metadata: "http://127.0.0.1:1" };
  cloud = { ...CLOUD_ENDPOINTS.public, kind: "practice", account: ACCOUNT, loopback };
  accountKey = served.lake.keys(ACCOUNT)?.key1 ?? "";
});
afterAll(() => served.close());

/** Everything that has a form of its own on the wire. */
async function useAll(options: Parameters<typeof openLakeIn>[2], directory: string) {
  const lake = openLakeIn(cloud, "raw", options);
  expect((await collect(lake.list("**/*.csv"))).length).toBeGreaterThanOrEqual(2);
  expect(await lake.readText("dir/ü b.csv")).toBe("b\n");
  expect(Buffer.from(await lake.read("a.csv", { offset: 1, length: 1 })).toString()).toBe("\n");
  await lake.write(`${directory}/ü 1`, "one");
  await lake.append(`${directory}/ü 1`, " two");
  await lake.move(`${directory}/ü 1`, `${directory}/ü 2`);
  expect(await lake.readText(`${directory}/ü 2`)).toBe("one two");
  const traffic = new Traffic();
  await lake.copy(`${directory}/ü 2`, `${directory}/ü 3`);
  traffic.close();
  expect(traffic.requests.filter((request) => request.includes("action=append"))).toEqual([]);
  expect(await lake.readText(`${directory}/ü 3`)).toBe("one two");
  await lake.setAcl(directory, ["user::rwx", "group::r-x", "other::---"]);
  await lake.remove(directory, { recursive: true });
}

test("an account key opens everything", () => useAll({ credential: { accountKey } }, "by-key"));

test("a signature for the account opens everything", async () => {
  const key = new StorageSharedKeyCredential(ACCOUNT, accountKey);
  const sas = generateAccountSASQueryParameters(
    {
      expiresOn: new Date(Date.now() + 3_600_000),
      permissions: AccountSASPermissions.parse("rwdlacup"),
      services: AccountSASServices.parse("b").toString(),
      resourceTypes: AccountSASResourceTypes.parse("sco").toString(),
    },
    key,
  ).toString();
  await useAll({ credential: { sas } }, "by-sas");
  await useAll({ credential: { sas: `?${sas}` } }, "by-sas");
});

test.each([
  `abfs://raw@${ACCOUNT}.dfs.core.windows.net`,
  `wasbs://raw@${ACCOUNT}.blob.core.windows.net/`,
  `az://${ACCOUNT}.blob.core.windows.net/raw`,
  "az://raw/",
  `https://${ACCOUNT}.blob.core.windows.net/raw`,
  `https://portal.azure.com/#view/Microsoft_Azure_Storage/ContainerMenuBlade/~/overview/storageAccountId/%2Fsubscriptions%2Fs%2FresourceGroups%2Fg%2Fproviders%2FMicrosoft.Storage%2FstorageAccounts%2F${ACCOUNT}/path/raw/etag/%220x8DC%22`,
])("%s opens the file system, and finds a file by its URL", async (url) => {
  const lake = openLakeIn(cloud, url, { credential: { accountKey } });
  expect(lake.url).toBe(`abfss://raw@${ACCOUNT}.dfs.core.windows.net/`);
  const file = `https://${ACCOUNT}.blob.core.windows.net/raw/dir/%C3%BC%20b.csv`;
  expect(await lake.readText(file)).toBe("b\n");
  expect(await collect(lake.list(`wasbs://raw@${ACCOUNT}.blob.core.windows.net/d*/*.csv`))).toEqual(
    [expect.objectContaining({ path: "dir/ü b.csv" })],
  );
});

test("a static website's files are read by the address of the site", async () => {
  const lake = openLakeIn(cloud, `https://${ACCOUNT}.z6.web.core.windows.net/`, {
    credential: { accountKey },
  });
  await lake.createFileSystem();
  await lake.write("index.html", "<p>");
  expect(await lake.readText(`https://${ACCOUNT}.z6.web.core.windows.net/index.html`)).toBe("<p>");
});

test("of DNS zones the practice cloud plays one", () => {
  const open = (zone: string) => () =>
    openLakeIn(cloud, `abfss://raw@${ACCOUNT}.${zone}.dfs.storage.azure.net/`, {
      credential: { accountKey },
    });
  expect(open("z01")).toThrow(/plays one DNS zone, z12/);
  expect(open("z12")).not.toThrow();
});

test("a signed URL of a file tells how to open its file system, without the signature", () => {
  const sas = readOnly(new Date(Date.now() + 3_600_000));
  const open = () =>
    openLakeIn(cloud, `https://${ACCOUNT}.dfs.core.windows.net/raw/a.csv?${sas}`, {});
  expect(open).toThrow(/keep what is behind the question mark, and give "a.csv" to its methods/);
  expect(open).not.toThrow(new RegExp(new URLSearchParams(sas).get("sig")?.slice(0, 8) ?? "-"));
});

function readOnly(expiresOn: Date): string {
  const key = new StorageSharedKeyCredential(ACCOUNT, accountKey);
  const permissions = FileSystemSASPermissions.parse("rl");
  const values = { fileSystemName: "raw", permissions, expiresOn };
  return generateDataLakeSASQueryParameters(values, key).toString();
}

test("a signed URL opens what it was signed for, and no more", async () => {
  const sas = readOnly(new Date(Date.now() + 3_600_000));
  const url = `https://${ACCOUNT}.dfs.core.windows.net/raw?${sas}`;
  const lake = openLakeIn(cloud, url, {});
  expect(await lake.readText("a.csv")).toBe("a\n");
  await expect(lake.write("b.csv", "b")).rejects.toMatchObject({ code: "FORBIDDEN" });
  expect(lake.url).toBe(`abfss://raw@${ACCOUNT}.dfs.core.windows.net/`);
});

test.each([
  ["an expired signature", () => ({ sas: readOnly(new Date(Date.now() - 1000)) })],
  [
    "a forged signature",
    () => ({ sas: `${readOnly(new Date(Date.now() + 9e6))}`.replace(/sig=.{6}/, "sig=AAAAAA") }),
  ],
  ["a wrong key", () => ({ accountKey: Buffer.alloc(64, 7).toString("base64") })],
])("%s is refused, and shown nowhere", async (_name, make) => {
  const credential = make();
  const secret =
    "sas" in credential ? /sig=([^&]+)/.exec(credential.sas)?.[1] : credential.accountKey;
  const lake = openLakeIn(cloud, "raw", { credential, retryPolicy: { tries: 2, firstWait: 1 } });
  for (const work of [() => lake.read("a.csv"), () => lake.write("x", "x")]) {
    const error = await work().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: "UNAUTHENTICATED" });
    const shown = inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error);
    expect(shown).not.toContain(secret);
    expect(shown).not.toContain(decodeURIComponent(String(secret)));
  }
});
