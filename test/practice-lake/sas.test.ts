import { StorageSharedKeyCredential as BlobKey, BlobServiceClient } from "@azure/storage-blob";
import {
  AccountSASPermissions,
  AccountSASResourceTypes,
  AccountSASServices,
  DataLakeSASPermissions,
  type DataLakeSASSignatureValues,
  DataLakeServiceClient,
  DirectorySASPermissions,
  FileSystemSASPermissions,
  generateAccountSASQueryParameters,
  generateDataLakeSASQueryParameters,
  SASProtocol,
  StorageSharedKeyCredential,
} from "@azure/storage-file-datalake";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  ACCOUNT,
  collect,
  pipelineOptions,
  type ServedLake,
  serveLake,
  text,
} from "./served-lake.ts";

let lake: ServedLake;
let key: StorageSharedKeyCredential;

beforeAll(async () => {
  lake = await serveLake({
    "raw/dir/a.txt": "aaa",
    "raw/dir/sub/b.txt": "bbb",
    "raw/c.txt": "ccc",
  });
  key = new StorageSharedKeyCredential(ACCOUNT, lake.lake.keys(ACCOUNT)?.key1 ?? "");
});
afterAll(() => lake.close());

const HOUR = 3_600_000;
const later = () => new Date(Date.now() + HOUR);
const earlier = () => new Date(Date.now() - HOUR);
const base = (style: "host" | "path", dialect = "dfs") =>
  style === "host"
    ? `https://${ACCOUNT}.${dialect}.core.windows.net:${lake.port}`
    : `https://127.0.0.1:${lake.port}/${ACCOUNT}`;

/** The unmodified client with a signature instead of a credential. */
function signed(sas: string, style: "host" | "path" = "host") {
  const service = new DataLakeServiceClient(
    `${base(style)}?${sas}`,
    undefined,
    pipelineOptions(lake.ca),
  );
  return service.getFileSystemClient("raw");
}

function serviceSas(values: Partial<DataLakeSASSignatureValues>, signer = key) {
  const common = { fileSystemName: "raw", expiresOn: later() };
  return generateDataLakeSASQueryParameters({ ...common, ...values }, signer).toString();
}

const permissions = (letters: string) => DataLakeSASPermissions.parse(letters);
const wide = (letters: string) => FileSystemSASPermissions.parse(letters);

describe.each(["host", "path"] as const)("an account key, %s-style", (style) => {
  test("signs every kind of request", async () => {
    const service = new DataLakeServiceClient(base(style), key, pipelineOptions(lake.ca));
    const fileSystem = service.getFileSystemClient(`keyed-${style}`);
    await fileSystem.create({ metadata: { a: "1", zeta: "2" } });
    const file = fileSystem.getFileClient("with space/ünï %25.txt");
    await file.upload(Buffer.from("signed"));
    await file.setMetadata({ Some_Key: "v", another: "w" });
    expect(text(await file.readToBuffer(1, 3))).toBe("ign");
    expect((await collect(fileSystem.listPaths({ recursive: true }))).length).toBe(2);
    expect((await collect(service.listFileSystems({ prefix: "keyed" }))).length).toBeGreaterThan(0);
    const blobs = new BlobServiceClient(
      base(style, "blob"),
      new BlobKey(ACCOUNT, lake.lake.keys(ACCOUNT)?.key2 ?? ""),
      pipelineOptions(lake.ca),
    );
    const container = blobs.getContainerClient(`keyed-${style}`);
    await container.getBlockBlobClient("b").upload("x", 1, { metadata: { m: "1" } });
    expect((await collect(container.listBlobsFlat())).map(({ name }) => name)).toContain("b");
  });
});

test("a wrong key, or one made anew, is refused", async () => {
  const wrong = new StorageSharedKeyCredential(ACCOUNT, Buffer.alloc(64, 7).toString("base64"));
  const service = new DataLakeServiceClient(base("host"), wrong, pipelineOptions(lake.ca));
  const refused = { statusCode: 403, code: "AuthenticationFailed" };
  await expect(collect(service.listFileSystems())).rejects.toMatchObject(refused);
  const old = new StorageSharedKeyCredential(ACCOUNT, lake.lake.keys(ACCOUNT)?.key2 ?? "");
  const before = signed(serviceSas({ permissions: permissions("r") }, old));
  expect(text(await before.getFileClient("c.txt").readToBuffer())).toBe("ccc");
  lake.lake.regenerateKey(ACCOUNT, "key2");
  await expect(before.getFileClient("c.txt").read()).rejects.toMatchObject(refused);
});

describe("a service SAS", () => {
  test.each(["host", "path"] as const)(
    "for a file system grants its letters, %s-style",
    async (style) => {
      const fileSystem = signed(serviceSas({ permissions: wide("rl") }), style);
      expect((await collect(fileSystem.listPaths({ recursive: true }))).length).toBe(5);
      expect(text(await fileSystem.getFileClient("c.txt").readToBuffer())).toBe("ccc");
      await expect(fileSystem.getFileClient("new").create()).rejects.toMatchObject({
        statusCode: 403,
        code: "AuthorizationPermissionMismatch",
      });
    },
  );

  test("for one file opens that file only", async () => {
    const sas = serviceSas({ permissions: permissions("rw"), pathName: "dir/a.txt" });
    expect(text(await signed(sas).getFileClient("dir/a.txt").readToBuffer())).toBe("aaa");
    await expect(signed(sas).getFileClient("c.txt").read()).rejects.toMatchObject({
      code: "AuthenticationFailed",
    });
  });

  test("for a directory opens all in it, and nothing beside it", async () => {
    const sas = serviceSas({
      permissions: DirectorySASPermissions.parse("rcwdl"),
      pathName: "dir",
      isDirectory: true,
      directoryDepth: 1,
    });
    const fileSystem = signed(sas);
    expect(text(await fileSystem.getFileClient("dir/sub/b.txt").readToBuffer())).toBe("bbb");
    expect((await collect(fileSystem.listPaths({ path: "dir" }))).length).toBe(2);
    await fileSystem.getFileClient("dir/new.txt").upload(Buffer.from("n"));
    await fileSystem.getFileClient("dir/new.txt").delete();
    await expect(fileSystem.getFileClient("c.txt").read()).rejects.toMatchObject({
      statusCode: 403,
    });
    await expect(collect(fileSystem.listPaths())).rejects.toMatchObject({ statusCode: 403 });
  });

  test.each([
    ["expired", { expiresOn: earlier() }],
    ["not valid yet", { startsOn: later(), expiresOn: new Date(Date.now() + 2 * HOUR) }],
  ])("is refused when %s", async (_name, values) => {
    const fileSystem = signed(serviceSas({ permissions: permissions("r"), ...values }));
    await expect(fileSystem.getFileClient("c.txt").read()).rejects.toMatchObject({
      statusCode: 403,
      code: "AuthenticationFailed",
    });
  });

  test("is refused from another address, and when tampered with", async () => {
    const elsewhere = serviceSas({ permissions: permissions("r"), ipRange: { start: "10.0.0.1" } });
    await expect(signed(elsewhere).getFileClient("c.txt").read()).rejects.toMatchObject({
      code: "AuthorizationSourceIPMismatch",
    });
    const here = serviceSas({ permissions: permissions("r"), ipRange: { start: "127.0.0.1" } });
    expect(text(await signed(here).getFileClient("c.txt").readToBuffer())).toBe("ccc");
    const widened = here.replace("sp=r", "sp=rw");
    await expect(signed(widened).getFileClient("c.txt").read()).rejects.toMatchObject({
      code: "AuthenticationFailed",
    });
  });

  test("by a stored policy holds as long as the policy does", async () => {
    const fileSystem = lake.client().getFileSystemClient("raw");
    const accessPolicy = { startsOn: earlier(), expiresOn: later(), permissions: "r" };
    await fileSystem.setAccessPolicy(undefined, [{ id: "readers", accessPolicy }]);
    const query = generateDataLakeSASQueryParameters(
      { fileSystemName: "raw", identifier: "readers" },
      key,
    );
    const file = signed(query.toString()).getFileClient("c.txt");
    expect(text(await file.readToBuffer())).toBe("ccc");
    await expect(file.append("x", 3, 1)).rejects.toMatchObject({ statusCode: 403 });
    expect((await fileSystem.getAccessPolicy()).signedIdentifiers).toMatchObject([
      { id: "readers" },
    ]);
    await fileSystem.setAccessPolicy(undefined, []);
    await expect(file.read()).rejects.toMatchObject({ code: "AuthenticationFailed" });
  });

  test.each(["2015-04-05", "2018-11-09", "2020-02-10", "2020-12-06", "2024-08-04"])(
    "of version %s",
    async (version) => {
      const sas = serviceSas({ permissions: permissions("r"), version, contentType: "text/x" });
      expect(text(await signed(sas).getFileClient("c.txt").readToBuffer())).toBe("ccc");
    },
  );
});

describe("an account SAS", () => {
  const accountSas = (types: string, letters = "rwdlac", version?: string) =>
    generateAccountSASQueryParameters(
      {
        expiresOn: later(),
        startsOn: earlier(),
        permissions: AccountSASPermissions.parse(letters),
        resourceTypes: AccountSASResourceTypes.parse(types).toString(),
        services: AccountSASServices.parse("b").toString(),
        protocol: SASProtocol.Https,
        ...(version === undefined ? {} : { version }),
      },
      key,
    ).toString();

  test.each([undefined, "2019-12-12"])(
    "grants by service, type and letter (version %s)",
    async (version) => {
      const fileSystem = signed(accountSas("sco", "rwdlac", version));
      await fileSystem.getFileClient("by-account.txt").upload(Buffer.from("x"));
      expect((await collect(fileSystem.listPaths())).length).toBeGreaterThan(2);
      await fileSystem.getFileClient("by-account.txt").delete();
    },
  );

  test("is refused for another type of resource", async () => {
    const fileSystem = signed(accountSas("o"));
    expect(text(await fileSystem.getFileClient("c.txt").readToBuffer())).toBe("ccc");
    await expect(collect(fileSystem.listPaths())).rejects.toMatchObject({
      statusCode: 403,
      code: "AuthorizationResourceTypeMismatch",
    });
  });
});

describe("a user delegation SAS", () => {
  async function delegated(
    person: "owner" | "reader" | "bob",
    values: Partial<DataLakeSASSignatureValues>,
  ) {
    const delegation = await lake.client(person).getUserDelegationKey(earlier(), later());
    const common = { fileSystemName: "raw", expiresOn: later() };
    return generateDataLakeSASQueryParameters(
      { ...common, ...values },
      delegation,
      ACCOUNT,
    ).toString();
  }

  test.each(["2018-11-09", "2020-02-10", "2020-12-06", "2025-07-05", "2026-04-06", undefined])(
    "grants what the signer may (version %s)",
    async (version) => {
      const letters = { permissions: permissions("rw") };
      const sas = await delegated(
        "owner",
        version === undefined ? letters : { ...letters, version },
      );
      expect(text(await signed(sas).getFileClient("c.txt").readToBuffer())).toBe("ccc");
    },
  );

  test("grants no more than the signer may", async () => {
    const sas = await delegated("reader", { permissions: permissions("rw") });
    expect(text(await signed(sas).getFileClient("c.txt").readToBuffer())).toBe("ccc");
    await expect(signed(sas).getFileClient("c.txt").append("x", 3, 1)).rejects.toMatchObject({
      statusCode: 403,
      code: "AuthorizationPermissionMismatch",
    });
  });

  test("no key is given to who holds no data role", async () => {
    await expect(lake.client("bob").getUserDelegationKey(earlier(), later())).rejects.toMatchObject(
      { statusCode: 403 },
    );
  });

  test("names who it acts for as owner", async () => {
    const letters = { permissions: permissions("cwr"), preauthorizedAgentObjectId: "id-of-agent" };
    const sas = await delegated("owner", letters);
    await signed(sas).getFileClient("dir/agent.txt").create();
    const { owner } = await lake
      .client()
      .getFileSystemClient("raw")
      .getFileClient("dir/agent.txt")
      .getAccessControl();
    expect(owner).toBe("id-of-agent");
  });
});

test("a rename carries its signature in its source", async () => {
  const fileSystem = signed(serviceSas({ permissions: permissions("rcwdm") }));
  const sas = serviceSas({ permissions: permissions("rcwdm") });
  await fileSystem.getFileClient("before.txt").upload(Buffer.from("m"));
  await fileSystem.getFileClient("before.txt").move(`after.txt?${sas}`);
  expect(text(await fileSystem.getFileClient("after.txt").readToBuffer())).toBe("m");
});
