import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import {
  collect,
  connect,
  listAccounts,
  listColumns,
  listFileSystems,
  listRoles,
  listUsage,
  openLake,
  openSubscription,
  signIn,
} from "../../src/index.ts";
import { type PracticeCloud, startPractice } from "../../src/practice/index.ts";
import { JUPYTER_DISPLAY } from "../../src/show/display.ts";

const ANALYSTS = "a7a15500-5d3a-4f0e-8a51-0d9a1b2c3d21";

let practice: PracticeCloud;
let folder: string;

beforeAll(async () => {
  practice = await startPractice({ approveDeviceCodesAs: "ada@contoso.com" });
  folder = await mkdtemp(join(tmpdir(), "notelake-around-"));
  await writeFile(join(folder, "practice.json"), JSON.stringify(practice.description));
  vi.stubEnv("NOTELAKE_PRACTICE", join(folder, "practice.json"));
  vi.stubEnv("NOTELAKE_HEADLESS", "1");
  vi.spyOn(process.stdout, "write").mockReturnValue(true);
  await connect();
  await signIn({ method: "device-code" });
});
afterAll(async () => {
  await practice.close();
  await rm(folder, { recursive: true });
});

/** What a cell shows that ends in a list. */
async function shown(list: object): Promise<string> {
  const listed = list as { [JUPYTER_DISPLAY]: () => unknown };
  return ((await listed[JUPYTER_DISPLAY]()) as { "text/plain": string })["text/plain"];
}

test("accounts of all subscriptions are listed, and shown as a table when filtered or sorted", async () => {
  const all = await collect(listAccounts());
  expect(
    all.map(({ name, subscription, resourceGroup }) => [name, subscription, resourceGroup]),
  ).toEqual([
    ["contosoarchive", "Contoso archive", "contoso-archive"],
    ["contosolake", "Contoso practice", "notelake-practice"],
  ]);
  expect(all[0]).toMatchObject({
    isLake: true,
    location: "northeurope",
    endpoint: "https://contosoarchive.dfs.core.windows.net",
  });
  const some = listAccounts()
    .filter(({ isLake }) => isLake)
    .sortBy("name", "descending");
  const lines = (await shown(some)).split("\n");
  expect(lines[0]).toMatch(
    /^name +subscription +resourceGroup +location +isLake +created \(UTC\)$/,
  );
  expect(lines[2]).toMatch(
    /^contosolake +Contoso practice +notelake-practice +westeurope +yes +20/,
  );
  expect(lines.slice(3)).toEqual([expect.stringMatching(/^contosoarchive/), "2 storage accounts"]);
  expect(await shown(all.toSorted((a, b) => (a.name < b.name ? 1 : -1)).slice(0, 1))).toMatch(
    /\ncontosolake .*\n1 storage account$/,
  );
});

test("file systems are listed by the account's name or any URL in it", async () => {
  const names = async (account?: string) =>
    (await collect(listFileSystems(account))).map(({ name }) => name);
  expect(await names()).toEqual(["curated", "raw"]);
  expect(await names("contosoarchive")).toEqual(["backup"]);
  expect(await names("abfss://raw@contosolake.dfs.core.windows.net/flights")).toEqual([
    "curated",
    "raw",
  ]);
  expect(await names("https://contosoarchive.blob.core.windows.net/")).toEqual(["backup"]);
});

test("a wrong account name says so, and which there are", async () => {
  const near = { message: expect.stringContaining("contosolake, contosoarchive") };
  await expect(collect(listFileSystems("contosolak"))).rejects.toMatchObject({
    code: "ACCOUNT_NOT_FOUND",
    ...near,
  });
  await expect(collect(listRoles("contosolak"))).rejects.toMatchObject({
    code: "NOT_FOUND",
    ...near,
  });
  const lake = openLake("abfss://raw@contosolak.dfs.core.windows.net/");
  await expect(lake.stat("a")).rejects.toMatchObject({ code: "ACCOUNT_NOT_FOUND", ...near });
  expect(() => listRoles("Contoso Lake")).toThrow(/no storage account of this cloud/);
  await expect(
    collect(listFileSystems("abfss://Flights@onelake.dfs.fabric.microsoft.com/")),
  ).rejects.toThrow(/not listed/);
});

test("roles are told in words, with where they hold and through whom", async () => {
  const roles = await collect(listRoles("contosolake"));
  expect(roles).toEqual([
    expect.objectContaining({
      role: "Owner",
      files: "none",
      accounts: "see, change, delete, read keys, give roles",
      where: "subscription Contoso practice",
      through: "yourself",
    }),
    expect.objectContaining({
      role: "Storage Blob Data Contributor",
      files: "read, write, delete",
      accounts: "none",
    }),
  ]);
  expect((await collect(listRoles())).map(({ where }) => where)).toContain(
    "subscription Contoso archive",
  );
});

test("a role of a group counts for its members, and only where it holds", async () => {
  const subscription = openSubscription();
  const scope = `/subscriptions/${subscription.id}/resourceGroups/notelake-practice/providers/Microsoft.Storage/storageAccounts/contosolake/blobServices/default/containers/raw`;
  const grant = {
    role: "Storage Blob Data Owner",
    principalType: "Group",
    principalId: ANALYSTS,
  } as const;
  await subscription.grantRole({ ...grant, scope });
  await subscription.grantRole({ ...grant, role: "Reader" });
  const own = await collect(listRoles());
  expect(own.filter(({ through }) => through !== "yourself")).toEqual([]);
  const credential = practice.credential("mary@contoso.com");
  expect(await collect(listRoles(undefined, { credential }))).toEqual([
    expect.objectContaining({
      role: "Storage Blob Data Owner",
      files: "read, write, delete, change who may",
      where: "file system raw of contosolake",
      through: `group ${ANALYSTS}`,
    }),
    expect.objectContaining({ role: "Reader", files: "none", accounts: "see" }),
  ]);
  // At the account, what holds in one of its file systems alone does not count.
  expect((await collect(listRoles("contosolake", { credential }))).map(({ role }) => role)).toEqual(
    ["Reader"],
  );
  expect((await collect(listAccounts({ credential }))).map(({ name }) => name)).toEqual([
    "contosolake",
  ]);
  await subscription.revokeRole({ ...grant, scope });
  await subscription.revokeRole({ ...grant, role: "Reader" });
  expect(await collect(listAccounts({ credential }))).toEqual([]);
});

test("what a file system holds is told by folder, by kind, and by column", async () => {
  const lake = openLake("raw");
  const folders = await collect(listUsage(lake));
  expect(folders[0]).toMatchObject({ name: "flights/", files: 12 });
  const { files, bytes } = await lake.du();
  expect(folders.reduce((sum, part) => sum + part.files, 0)).toBe(files);
  expect(folders.reduce((sum, part) => sum + part.size, 0)).toBe(bytes);
  expect(
    (await collect(listUsage(lake, "flights", { depth: 2 }))).map(({ name }) => name),
  ).toContain("flights/year=2013/month=01/");
  const kinds = await collect(listUsage(lake, "", { by: "kind" }));
  expect(kinds.map(({ name, files: count }) => [name, count])).toEqual([
    [".parquet", 12],
    [".ndjson", 1],
    [".csv", 4],
  ]);
  expect(await shown(listUsage(lake, "", { by: "kind" }))).toMatch(
    /^name +files +size +largest +newest \(UTC\)\n.*\n3 kinds$/s,
  );

  await lake.write("around/broken.parquet", "PAR1 and nothing else");
  await lake.write("around/wide.csv", `${"tailnum,day\n"}${"N123,1\n".repeat(50_000)}`);
  const having = await collect(listColumns(lake, "**", { column: "TailNum" }));
  expect(having.filter(({ problem }) => !problem).map(({ path }) => path.split("/")[0])).toContain(
    "flights",
  );
  // What cannot be told is said, as such a file may have the column.
  const others = having.filter(({ path }) => !/^(flights|planes)/.test(path));
  expect(others).toEqual([
    {
      path: "around/broken.parquet",
      column: undefined,
      type: undefined,
      problem: "does not end as a Parquet file does",
    },
    { path: "around/wide.csv", column: "tailnum", type: "VARCHAR", problem: undefined },
    expect.objectContaining({
      path: "bad/weather-with-a-ragged-row.csv",
      problem: "line 12: expected 6 columns, found 7",
    }),
  ]);
  const read = practice.requests.list().filter(({ url }) => url.includes("/around/wide.csv"));
  expect(read.filter(({ method }) => method === "GET")).toHaveLength(1);
  await lake.remove("around", { recursive: true });
  const columns = await collect(listColumns(lake, "airlines/*.csv"));
  expect(columns).toEqual([
    { path: "airlines/airlines.csv", column: "carrier", type: "VARCHAR", problem: undefined },
    { path: "airlines/airlines.csv", column: "name", type: "VARCHAR", problem: undefined },
  ]);
});
