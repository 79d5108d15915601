import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadFrame } from "../../src/frames/load-frame.ts";
import { query } from "../../src/frames/query.ts";
import { writeFrame } from "../../src/frames/write-frame.ts";
import { withItemOf } from "../../src/lake/onelake.ts";
import { openLakeIn } from "../../src/lake/open-lake-in.ts";
import { idOf } from "../../src/practice/lake/onelake/workspaces.ts";
import { openPractice, type Practice } from "../auth/practice.ts";
import { scratchFolder } from "../frames/scratch-folder.ts";
import { collect } from "./practice-cloud.ts";

const HOST = "onelake.dfs.fabric.microsoft.com";
const FILES = "Airport.Lakehouse/Files";
const TABLE = "Airport.Lakehouse/Tables/flights_per_day";

scratchFolder();
let practice: Practice;
beforeAll(async () => {
  practice = await openPractice({ seed: join(import.meta.dirname, "../../data") });
});
afterAll(() => practice.practice.close());

const open = (url = `abfss://Flights@${HOST}/`, name = "ada@contoso.com") =>
  openLakeIn(practice.cloud, url, { credential: practice.practice.credential(name) });

test("a lakehouse is listed, read, written, copied, moved and emptied", async () => {
  const lake = open();
  expect(lake.url).toBe(`abfss://Flights@${HOST}/`);
  expect((await collect(lake.list(`${FILES}/**`))).map(({ path }) => path)).toEqual([
    `${FILES}/airlines`,
    `${FILES}/airlines/airlines.csv`,
  ]);
  expect(await lake.exists("")).toBe(true);
  const csv = `https://${HOST}/Flights/${FILES}/airlines/airlines.csv`;
  expect(await lake.readText(csv)).toContain("carrier");
  await lake.write(`${FILES}/new/ü 1.txt`, "one");
  await lake.append(`${FILES}/new/ü 1.txt`, " two");
  await lake.copy(`${FILES}/new/ü 1.txt`, `${FILES}/new/2.txt`);
  await lake.move(`${FILES}/new/2.txt`, `${FILES}/new/3.txt`);
  expect(await lake.readText(`${FILES}/new/3.txt`)).toBe("one two");
  expect(await lake.mkdir(FILES)).toMatchObject({ kind: "directory" });
  await lake.remove(`${FILES}/new`, { recursive: true });
  expect((await lake.access(FILES)).owner).toBe("$superuser");
  const { requests } = practice.practice;
  const asked = requests.list().filter(({ url }) => url.includes("/Flights"));
  expect(asked.filter(({ status = 0 }) => status >= 500)).toEqual([]);
  expect(asked.some(({ operation }) => operation === "copyBlob")).toBe(true);
});

test("its tables become dataframes, answer queries and are written beside", async () => {
  const lake = open();
  expect((await loadFrame(lake, TABLE)).shape).toEqual([1095, 5]);
  const sql = `select origin, sum(flights) as n from '${TABLE}' group by all order by all`;
  const frame = await query(lake, sql);
  expect(frame.shape).toEqual([3, 2]);
  await writeFrame(lake, `${FILES}/out/by-origin.parquet`, frame);
  expect((await loadFrame(lake, `${FILES}/out/by-origin.parquet`)).values).toEqual(frame.values);
});

test("a folder is synced with one of a lakehouse, and not with what Fabric manages", async () => {
  const lake = open();
  const local = await mkdtemp(join(tmpdir(), "notelake-onelake-"));
  await lake.syncDown(FILES, local);
  expect(await readdir(local, { recursive: true })).toContain("airlines/airlines.csv");
  await writeFile(join(local, "more.txt"), "more");
  const { changes } = await lake.syncUp(local, FILES, { delete: true });
  expect(changes.map(({ path }) => path)).toEqual(["more.txt"]);
  expect(await lake.readText(`${FILES}/more.txt`)).toBe("more");
  await rm(join(local, "more.txt"));
  await lake.syncUp(local, FILES, { delete: true });
  expect(await lake.exists(`${FILES}/more.txt`)).toBe(false);
  const managed = { code: "MANAGED" };
  await expect(lake.syncUp(local, "Airport.Lakehouse")).rejects.toMatchObject(managed);
  await expect(lake.syncUp(local, "", { dryRun: true })).rejects.toMatchObject(managed);
  await rm(local, { recursive: true });
});

test("names and ids, regions and a space in a workspace's name lead to the same files", async () => {
  const workspace = idOf("Flights");
  const item = idOf("Flights", "Airport.Lakehouse");
  const byId = open(`https://westus-onelake.dfs.fabric.microsoft.com/${workspace}`);
  const files = await collect(byId.list(`${item}/Files/**/*.csv`));
  expect(files.map(({ path }) => path)).toEqual([`${item}/Files/airlines/airlines.csv`]);
  await byId.write(`${item}/Files/id.txt`, "id");
  expect(await open().readText(`${FILES}/id.txt`)).toBe("id");
  const birds = open(`abfss://Field%20notes@${HOST}/`, "mary@contoso.com");
  expect((await loadFrame(birds, "Birds.Lakehouse/Files/penguins.csv")).shape[0]).toBe(344);
  await birds.write("Birds.Lakehouse/Files/a b/ü.txt", "x");
  await birds.move("Birds.Lakehouse/Files/a b/ü.txt", "Birds.Lakehouse/Files/a b/ä.txt");
  expect(await birds.readText("Birds.Lakehouse/Files/a b/ä.txt")).toBe("x");
});

test("what Fabric manages is refused in words, and nothing is sent", async () => {
  const lake = open();
  const { requests } = practice.practice;
  const managed = { code: "MANAGED" };
  const before = requests.list().length;
  await expect(lake.createFileSystem()).rejects.toMatchObject(managed);
  await expect(lake.deleteFileSystem()).rejects.toThrow(/made and deleted in Fabric/);
  await expect(lake.setAcl(FILES, ["user::rwx"])).rejects.toThrow(/no access control lists/);
  await expect(lake.setAcl(FILES, [], { recursive: true })).rejects.toMatchObject(managed);
  for (const path of ["New.Lakehouse", FILES, "Airport.Lakehouse/a.txt", "Airport.Lakehouse/x/a"]) {
    await expect(lake.write(path, "x")).rejects.toMatchObject(managed);
    await expect(lake.remove(path, { recursive: true })).rejects.toMatchObject(managed);
    await expect(lake.move(path, `${FILES}/x`)).rejects.toMatchObject(managed);
    await expect(lake.move(`${FILES}/airlines/airlines.csv`, path)).rejects.toMatchObject(managed);
    await expect(lake.setExpiry(path, undefined)).rejects.toMatchObject(managed);
  }
  await expect(lake.mkdir("Airport.Lakehouse/x/a")).rejects.toMatchObject(managed);
  await expect(lake.read("Airport/Files/a")).rejects.toThrow(/which type Airport is/);
  await expect(lake.read(`${idOf("Flights", "Airport.Lakehouse")}/Files/a`)).rejects.toThrow(
    /mixes/,
  );
  expect(requests.list()).toHaveLength(before);
  await expect(lake.mkdir("New.Lakehouse")).rejects.toMatchObject(managed);
});

test("keys and other signatures are refused before anything is sent", () => {
  const url = `https://${HOST}/Flights`;
  const openBy = (credential: Parameters<typeof openLakeIn>[2]["credential"]) => () =>
    openLakeIn(practice.cloud, url, credential ? { credential } : {});
  expect(openBy({ accountKey: "a2V5" })).toThrow(/no account keys/);
  expect(openBy({ sas: "sv=2023-11-03&ss=b&sig=c2VjcmV0c2VjcmV0" })).toThrow(/user delegation/);
  expect(openBy({ sas: "skoid=1&sr=c&sig=x" })).toThrow(/file or a directory/);
  expect(openBy({ sas: "skoid=1&sr=d&sip=1.2.3.4&sig=x" })).toThrow(/has sip/);
});

test("roles and what is not there are explained in Fabric's words", async () => {
  const viewer = open(undefined, "grace@contoso.com");
  expect(await collect(viewer.list())).toHaveLength(1);
  await expect(viewer.readText(`${FILES}/airlines/airlines.csv`)).rejects.toThrow(
    /grace@contoso.com may not read .*\n.*Contributor in the workspace/,
  );
  await expect(open(`abfss://Nowhere@${HOST}/`).read("A.Lakehouse/Files/a")).rejects.toThrow(
    "there is no workspace Nowhere in onelake",
  );
  expect(await open(`abfss://Nowhere@${HOST}/`).exists("")).toBe(false);
  await expect(open().read("No.Lakehouse/Files/a")).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("a listing that knows the item by its id is one of the item that was asked for", () => {
  const id = idOf("Flights", "Airport.Lakehouse");
  const listed = (directory: string, name: string) => withItemOf(directory)(name);
  expect(listed(FILES, `${id}/Files/a`)).toBe(`${FILES}/a`);
  expect(listed(FILES, "airport.lakehouse/Files/a")).toBe(`${FILES}/a`);
  expect(listed(`${id}/Files`, `${FILES}/a`)).toBe(`${id}/Files/a`);
  expect(listed(FILES, "Other.Lakehouse/Files/a")).toBe("Other.Lakehouse/Files/a");
  expect(listed("", "Other.Lakehouse")).toBe("Other.Lakehouse");
});

test("a tenant that takes ids alone is answered by where they are", async () => {
  const { faults } = practice.practice;
  const code = "FriendlyNameSupportDisabled";
  faults.add({ on: "lake", kind: "status", status: 400, code, times: 1 });
  const path = `${FILES}/airlines/airlines.csv`;
  await expect(open().readText(path)).rejects.toThrow(
    /does not take the names.*\n.*ids of the workspace/,
  );
});
