import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BlobServiceClient } from "@azure/storage-blob";
import {
  DataLakeSASPermissions,
  DataLakeServiceClient,
  generateDataLakeSASQueryParameters,
  type PathAccessControlItem,
} from "@azure/storage-file-datalake";
import { type PracticeCloud, startPractice } from "notelake/practice";
import { afterAll, beforeAll, expect, test } from "vitest";
import { idOf } from "../../src/practice/lake/onelake/workspaces.ts";
import { collect } from "../practice-lake/served-lake.ts";

const DFS = "https://onelake.dfs.fabric.microsoft.com";
const FILES = "Airport.Lakehouse/Files";
const WORKSPACE = idOf("Flights");
const ITEM = idOf("Flights", "Airport.Lakehouse");

const RWX = { read: true, write: true, execute: true };
const ALL: PathAccessControlItem[] = [
  { accessControlType: "user", entityId: "", defaultScope: false, permissions: RWX },
];

let cloud: PracticeCloud;
beforeAll(async () => {
  cloud = await startPractice();
});
afterAll(() => cloud.close());

const stock = (name = "ada@contoso.com", url = DFS) =>
  new DataLakeServiceClient(url, cloud.credential(name), { httpClient: cloud.httpClient });
const workspace = (name?: string, url?: string) => stock(name, url).getFileSystemClient("Flights");

/** Status and code of a refusal; those of a HEAD are in its headers alone. */
const refusal = async (work: Promise<unknown>) => {
  const thrown = await work.then(
    () => ({}),
    (error) => error.innerError ?? error,
  );
  return `${thrown.statusCode} ${thrown.response?.headers.get("x-ms-error-code")}`;
};

test("a workspace has its items, and these Files and Tables", async () => {
  const names = async (path?: string) =>
    (await collect(workspace().listPaths({ ...(path && { path }) }))).map(({ name }) => name);
  expect(await names()).toEqual(["Airport.Lakehouse"]);
  expect(await names("Airport.Lakehouse")).toEqual([FILES, "Airport.Lakehouse/Tables"]);
  expect(await names("airport.lakehouse/Files")).toEqual(["airport.lakehouse/Files/airlines"]);
  const blobs = new BlobServiceClient(
    "https://onelake.blob.fabric.microsoft.com",
    cloud.credential("ada@contoso.com"),
    { httpClient: cloud.httpClient },
  );
  const listed = await collect(
    blobs.getContainerClient("Flights").listBlobsFlat({ prefix: `${FILES}/airlines/` }),
  );
  expect(listed.map(({ name }) => name)).toEqual([`${FILES}/airlines/airlines.csv`]);
});

test("by ids it answers with ids, and a region leads to the same", async () => {
  const byId = stock(
    undefined,
    "https://westus-onelake.dfs.fabric.microsoft.com",
  ).getFileSystemClient(WORKSPACE);
  const listed = await collect(byId.listPaths({ path: `${ITEM}/Files`, recursive: true }));
  expect(listed.map(({ name }) => name)).toEqual([
    `${ITEM}/Files/airlines`,
    `${ITEM}/Files/airlines/airlines.csv`,
  ]);
  expect((await collect(byId.listPaths())).map(({ name }) => name)).toEqual([ITEM]);
  const bytes = await byId.getFileClient(`${ITEM}/Files/airlines/airlines.csv`).readToBuffer();
  expect(bytes.toString()).toContain("carrier");
  const file = byId.getFileClient(`${ITEM}/Files/by-id.txt`);
  await file.upload(Buffer.from("by id"));
  expect((await workspace().getFileClient(`${FILES}/by-id.txt`).readToBuffer()).toString()).toBe(
    "by id",
  );
  await file.move(WORKSPACE, `${ITEM}/Files/moved.txt`);
  expect(await workspace().getFileClient(`${FILES}/moved.txt`).exists()).toBe(true);
});

test("a workspace whose name has a space is written to and read", async () => {
  const file = stock("mary@contoso.com")
    .getFileSystemClient("Field notes")
    .getFileClient("Birds.Lakehouse/Files/a b/ü.txt");
  await file.upload(Buffer.from("birds"));
  expect((await file.readToBuffer()).toString()).toBe("birds");
  await file.deleteIfExists();
});

test.each([
  ["a workspace is created", 400, "BadRequest", () => stock().getFileSystemClient("new").create()],
  ["a workspace is deleted", 400, "BadRequest", () => workspace().delete()],
  ["a workspace gets metadata", 400, "BadRequest", () => workspace().setMetadata({ a: "b" })],
  [
    "a workspace is leased",
    400,
    "BadRequest",
    () => workspace().getDataLakeLeaseClient().acquireLease(15),
  ],
  ["workspaces are listed", 400, "BadRequest", () => stock().listFileSystems().next()],
  [
    "an item is created",
    400,
    "OperationNotAllowedOnThePath",
    () => workspace().getDirectoryClient("New.Lakehouse").create(),
  ],
  [
    "an item is deleted",
    400,
    "OperationNotAllowedOnThePath",
    () => workspace().getDirectoryClient("Airport.Lakehouse").delete(true),
  ],
  [
    "Files is deleted",
    400,
    "OperationNotAllowedOnThePath",
    () => workspace().getDirectoryClient(FILES).delete(true),
  ],
  [
    "Tables is renamed",
    400,
    "OperationNotAllowedOnThePath",
    () =>
      workspace().getDirectoryClient("Airport.Lakehouse/Tables").move("Airport.Lakehouse/Files/t"),
  ],
  [
    "a file is renamed to a place beside Files",
    400,
    "OperationNotAllowedOnThePath",
    () =>
      workspace().getFileClient(`${FILES}/airlines/airlines.csv`).move("Airport.Lakehouse/a.csv"),
  ],
  [
    "a folder is made beside Files",
    400,
    "OperationNotAllowedOnThePath",
    () => workspace().getDirectoryClient("Airport.Lakehouse/Other/a").create(),
  ],
  [
    "access is set",
    400,
    "UnsupportedQueryParameter",
    () =>
      workspace().getFileClient(`${FILES}/airlines/airlines.csv`).setPermissions({
        owner: RWX,
        group: RWX,
        other: RWX,
        stickyBit: false,
        extendedAcls: false,
      }),
  ],
  [
    "access is set recursively",
    400,
    "UnsupportedQueryParameter",
    () => workspace().getDirectoryClient(FILES).setAccessControlRecursive(ALL),
  ],
  [
    "a workspace is not there",
    404,
    "WorkspaceNotFound",
    () =>
      stock()
        .getFileSystemClient("Nowhere")
        .getFileClient("A.Lakehouse/Files/a")
        .upload(Buffer.from("a")),
  ],
  [
    "an item is not there",
    404,
    "ArtifactNotFound",
    () => workspace().getFileClient("No.Lakehouse/Files/a").upload(Buffer.from("a")),
  ],
  [
    "an id stands beside a name",
    400,
    "FriendlyNameSupportDisabled",
    () => workspace().getFileClient(`${ITEM}/Files/a`).upload(Buffer.from("a")),
  ],
] as [string, number, string, () => Promise<unknown>][])(
  "it is refused that %s: %i %s",
  async (_what, status, code, work) => {
    expect(await refusal(work())).toBe(`${status} ${code}`);
    expect(await workspace().getDirectoryClient(FILES).exists()).toBe(true);
  },
);

test("a tier is not set, and headers that say what Fabric decides are passed over and named", async () => {
  const blobs = new BlobServiceClient(
    "https://onelake.blob.fabric.microsoft.com",
    cloud.credential("ada@contoso.com"),
    { httpClient: cloud.httpClient },
  );
  const blob = blobs.getContainerClient("Flights").getBlockBlobClient(`${FILES}/tier.txt`);
  const made = await blob.upload("x", 1, { tier: "Cool" });
  expect(made._response.headers.get("x-ms-rejected-headers")).toBe("x-ms-access-tier");
  expect((await blob.getProperties()).accessTier).not.toBe("Cool");
  expect(await refusal(blob.setAccessTier("Cool"))).toBe("400 UnsupportedQueryParameter");
  const file = workspace().getFileClient(`${FILES}/owned.txt`);
  const owned = await file.create({
    owner: randomUUID(),
    group: randomUUID(),
    permissions: "rwxrwxrwx",
  });
  expect(owned._response.headers.get("x-ms-rejected-headers")).toBe(
    "x-ms-owner,x-ms-group,x-ms-permissions",
  );
  const head = await file.getProperties();
  expect(head._response.headers.get("x-ms-owner")).toBe("$superuser");
  const { owner, group, permissions, acl } = await file.getAccessControl();
  expect([owner, group]).toEqual(["$superuser", "$superuser"]);
  expect(Object.values(permissions?.other ?? {})).toEqual([false, false, false]);
  expect(acl[0]).toMatchObject({ accessControlType: "user", permissions: RWX });
});

test("roles in the workspace decide", async () => {
  const file = `${FILES}/airlines/airlines.csv`;
  for (const name of ["ada@contoso.com", "notelake-service", "mary@contoso.com"]) {
    await workspace(name).getFileClient(`${FILES}/${name}`).upload(Buffer.from("x"));
  }
  const viewer = workspace("grace@contoso.com");
  expect(await collect(viewer.listPaths())).toHaveLength(1);
  const denied = "403 AuthorizationPermissionMismatch";
  expect(await refusal(viewer.getFileClient(file).readToBuffer())).toBe(denied);
  expect(await refusal(viewer.getFileClient(`${FILES}/g`).upload(Buffer.from("g")))).toBe(denied);
  expect(cloud.requests.list().at(-1)?.reasons[0]).toMatchObject({
    by: "role",
    needs: "Contributor",
    has: ["Viewer"],
  });
  expect(await refusal(workspace("max@contoso.com").listPaths().next())).toBe(denied);
});

test("a user delegation signature opens what its signer may open, for an hour, and no other kind does", async () => {
  const minutes = (count: number) => new Date(Date.now() + count * 60_000);
  const sign = async (name: string, keyMinutes: number, path: string) => {
    const key = await stock(name).getUserDelegationKey(minutes(-1), minutes(keyMinutes));
    const values = {
      fileSystemName: "Flights",
      pathName: path,
      permissions: DataLakeSASPermissions.parse("r"),
      expiresOn: minutes(30),
      protocol: undefined,
    };
    return generateDataLakeSASQueryParameters(values as never, key, "onelake").toString();
  };
  const path = `${FILES}/airlines/airlines.csv`;
  const read = (sas: string) =>
    new DataLakeServiceClient(`${DFS}?${sas}`, undefined, { httpClient: cloud.httpClient })
      .getFileSystemClient("Flights")
      .getFileClient(path)
      .readToBuffer();
  expect((await read(await sign("ada@contoso.com", 30, path))).toString()).toContain("carrier");
  expect(await refusal(read(await sign("ada@contoso.com", 120, path)))).toBe(
    "403 AuthenticationFailed",
  );
  expect(await refusal(read(await sign("grace@contoso.com", 30, path)))).toBe(
    "403 AuthorizationPermissionMismatch",
  );
  expect(await refusal(read("sv=2023-11-03&ss=b&srt=o&sp=r&se=2099-01-01&sig=YQ%3D%3D"))).toBe(
    "403 AuthenticationFailed",
  );
});

test("a reset puts OneLake back, and a snapshot keeps it", async () => {
  const file = workspace().getFileClient(`${FILES}/kept.txt`);
  await file.upload(Buffer.from("kept"));
  await cloud.save("with-file");
  await cloud.reset();
  expect(await file.exists()).toBe(false);
  expect(await workspace().getDirectoryClient(FILES).exists()).toBe(true);
  await cloud.restore("with-file");
  expect((await file.readToBuffer()).toString()).toBe("kept");
  await cloud.reset();
});

test("an account named onelake is another one, and its host is its own", async () => {
  const own = new DataLakeServiceClient(
    "https://onelake.dfs.core.windows.net",
    cloud.credential("ada@contoso.com"),
    { httpClient: cloud.httpClient },
  );
  expect(await refusal(own.listFileSystems().next())).toBe("404 ResourceNotFound");
});

test("OneLake outlives a restart, and a seed of one's own has workspaces of one's own", async () => {
  const folder = mkdtempSync(join(tmpdir(), "notelake-onelake-"));
  const seed = join(folder, "seed");
  mkdirSync(join(seed, "OneLake/Lab/Trials.Lakehouse/Files"), { recursive: true });
  writeFileSync(join(seed, "OneLake/Lab/Trials.Lakehouse/Files/a.txt"), "a");
  const options = { dir: join(folder, "kept"), seed };
  const lab = (other: PracticeCloud) =>
    new DataLakeServiceClient(DFS, other.credential("ada@contoso.com"), {
      httpClient: other.httpClient,
    }).getFileSystemClient("Lab");
  try {
    const first = await startPractice(options);
    const files = lab(first).getDirectoryClient("Trials.Lakehouse/Files");
    expect((await files.getFileClient("a.txt").readToBuffer()).toString()).toBe("a");
    await files.getFileClient("b.txt").upload(Buffer.from("b"));
    expect(await lab(first).getDirectoryClient("Trials.Lakehouse/Tables").exists()).toBe(true);
    await first.close();
    await using second = await startPractice(options);
    const kept = lab(second).getFileClient("Trials.Lakehouse/Files/b.txt");
    expect((await kept.readToBuffer()).toString()).toBe("b");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
