import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ServedLake, serveLake } from "./served-lake.ts";

let lake: ServedLake;

beforeAll(async () => {
  lake = await serveLake({ "raw/a.txt": "a" });
});
afterAll(() => lake.close());

const ID = "11111111-2222-4333-8444-555555555555";
const OTHER = "99999999-2222-4333-8444-555555555555";
const file = (name: string) => lake.client().getFileSystemClient("raw").getFileClient(name);

describe("a lease on a file", () => {
  test("keeps everybody else from writing, not from reading", async () => {
    const target = file("leased.txt");
    await target.upload(Buffer.from("1"));
    const lease = target.getDataLakeLeaseClient(ID);
    expect(await lease.acquireLease(15)).toMatchObject({ leaseId: ID });
    expect(await target.getProperties()).toMatchObject({
      leaseState: "leased",
      leaseStatus: "locked",
      leaseDuration: "fixed",
    });
    await expect(target.append("2", 1, 1)).rejects.toMatchObject({
      statusCode: 412,
      code: "LeaseIdMissing",
    });
    await expect(target.delete()).rejects.toMatchObject({ code: "LeaseIdMissing" });
    await expect(target.move("away.txt")).rejects.toMatchObject({ code: "LeaseIdMissing" });
    await expect(
      target.append("2", 1, 1, { conditions: { leaseId: OTHER } }),
    ).rejects.toMatchObject({ code: "LeaseIdMismatchWithBlobOperation" });
    expect((await target.readToBuffer()).toString()).toBe("1");
    await target.append("2", 1, 1, { conditions: { leaseId: ID } });
    await target.flush(2, { conditions: { leaseId: ID } });
    await lease.releaseLease();
    expect(await target.getProperties()).toMatchObject({ leaseState: "available" });
    await target.delete();
  });

  test("is acquired once, changed, renewed, broken", async () => {
    const target = file("cycle.txt");
    await target.create();
    const lease = target.getDataLakeLeaseClient(ID);
    await lease.acquireLease(-1);
    await expect(target.getDataLakeLeaseClient(OTHER).acquireLease(-1)).rejects.toMatchObject({
      statusCode: 409,
      code: "LeaseAlreadyPresent",
    });
    await lease.changeLease(OTHER);
    await expect(target.getDataLakeLeaseClient(ID).renewLease()).rejects.toMatchObject({
      code: "LeaseIdMismatchWithLeaseOperation",
    });
    await target.getDataLakeLeaseClient(OTHER).renewLease();
    expect(await target.getDataLakeLeaseClient(OTHER).breakLease(0)).toMatchObject({
      leaseTime: 0,
    });
    expect(await target.getProperties()).toMatchObject({ leaseState: "broken" });
    await expect(target.getDataLakeLeaseClient(OTHER).renewLease()).rejects.toMatchObject({
      code: "LeaseIsBrokenAndCannotBeRenewed",
    });
    await target.getDataLakeLeaseClient(ID).acquireLease(-1);
    expect(await target.getDataLakeLeaseClient(ID).breakLease(30)).toMatchObject({ leaseTime: 30 });
    expect(await target.getProperties()).toMatchObject({ leaseState: "breaking" });
    await expect(target.getDataLakeLeaseClient(OTHER).acquireLease(-1)).rejects.toMatchObject({
      code: "LeaseIsBreakingAndCannotBeAcquired",
    });
  });

  test("that is not there cannot be named", async () => {
    const target = file("a.txt");
    await expect(
      target.setMetadata({ k: "v" }, { conditions: { leaseId: ID } }),
    ).rejects.toMatchObject({ statusCode: 412, code: "LeaseNotPresentWithBlobOperation" });
    await expect(target.getDataLakeLeaseClient(ID).renewLease()).rejects.toMatchObject({
      code: "LeaseNotPresentWithLeaseOperation",
    });
    await expect(target.getDataLakeLeaseClient(ID).acquireLease(5)).rejects.toMatchObject({
      statusCode: 400,
      code: "InvalidHeaderValue",
    });
  });

  test("is taken and let go by the path dialect's own POST, and with an append", async () => {
    await file("dfs.txt").create();
    const send = (
      target: string,
      method: string,
      headers: Readonly<Record<string, string>>,
      body = "",
    ) => lake.send({ method, target, headers: { accept: "application/json", ...headers }, body });
    const acquired = await send("/raw/dfs.txt", "POST", {
      "x-ms-lease-action": "acquire",
      "x-ms-lease-duration": "-1",
      "x-ms-proposed-lease-id": ID,
    });
    expect([acquired.status, acquired.headers["x-ms-lease-id"]]).toEqual([201, ID]);
    const released = await send("/raw/dfs.txt", "POST", {
      "x-ms-lease-action": "release",
      "x-ms-lease-id": ID,
    });
    expect(released.status).toBe(200);
    const appended = await send(
      "/raw/dfs.txt?action=append&position=0&flush=true",
      "PATCH",
      {
        "x-ms-lease-action": "acquire-release",
        "x-ms-lease-duration": "15",
        "x-ms-proposed-lease-id": ID,
      },
      "abc",
    );
    expect(appended.status).toBe(202);
    expect(await file("dfs.txt").getProperties()).toMatchObject({
      leaseState: "available",
      contentLength: 3,
    });
  });
});

test("a lease on a file system keeps it from being deleted", async () => {
  const fileSystem = lake.client().getFileSystemClient("leased-one");
  await fileSystem.create();
  const lease = fileSystem.getDataLakeLeaseClient(ID);
  await lease.acquireLease(-1);
  await expect(fileSystem.delete()).rejects.toMatchObject({
    statusCode: 412,
    code: "LeaseIdMissing",
  });
  await fileSystem.delete({ conditions: { leaseId: ID } });
  expect(await fileSystem.exists()).toBe(false);
});
