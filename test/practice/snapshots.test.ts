import { execFileSync, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { DatabaseSync } from "node:sqlite";
import { StorageManagementClient } from "@azure/arm-storage";
import { DataLakeServiceClient, StorageSharedKeyCredential } from "@azure/storage-file-datalake";
import { type PracticeCloud, startPractice } from "notelake/practice";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { collect } from "../practice-lake/served-lake.ts";
import { lakeOf } from "./stock-client.ts";

const GROUP = "rg-notelake";

async function fileNames(lake: DataLakeServiceClient, fileSystem = "raw"): Promise<string[]> {
  const paths = lake.getFileSystemClient(fileSystem).listPaths({ recursive: true });
  return (await collect(paths)).map(({ name }) => String(name));
}

describe("a practice cloud goes back to what it began with", () => {
  let cloud: PracticeCloud;
  let lake: DataLakeServiceClient;
  let seeded: string[];
  beforeAll(async () => {
    cloud = await startPractice();
    lake = lakeOf(cloud);
    seeded = await fileNames(lake);
  });
  afterAll(() => cloud.close());
  afterEach(() => cloud.reset());

  const raw = () => lake.getFileSystemClient("raw");

  it("in the lake: files, file systems, metadata, access lists and leases", async () => {
    const [first = ""] = seeded.filter((name) => name.includes("."));
    const file = raw().getFileClient(first);
    const before = await file.readToBuffer();
    await file.upload(Buffer.from("other"));
    await raw().getFileClient("new.txt").upload(Buffer.from("new"));
    const everything = { read: true, write: true, execute: true };
    const key = new StorageSharedKeyCredential("contosolake", cloud.accountKeys().key1);
    const { httpClient } = cloud;
    const byKey = new DataLakeServiceClient(lake.url, key, { httpClient });
    await byKey
      .getFileSystemClient("raw")
      .getDirectoryClient("")
      .setPermissions({
        ...{ owner: everything, group: everything, other: everything },
        ...{ stickyBit: false, extendedAcls: false },
      });
    await raw().getDataLakeLeaseClient(randomUUID()).acquireLease(-1);
    await lake.getFileSystemClient("made-here").create();
    await cloud.reset();
    expect(await fileNames(lake)).toEqual(seeded);
    expect((await file.readToBuffer()).equals(before)).toBe(true);
    expect(await lake.getFileSystemClient("made-here").exists()).toBe(false);
    expect(await raw().getProperties()).toMatchObject({ leaseState: "available" });
    const { permissions } = await raw().getDirectoryClient("").getAccessControl();
    expect(permissions?.other.write).toBe(false);
  });

  it("in the accounts, their keys and their network rules", async () => {
    const { httpClient, description } = cloud;
    const credential = cloud.credential("ada@contoso.com");
    const manager = new StorageManagementClient(credential, description.subscriptionId, {
      httpClient,
    });
    const keys = cloud.accountKeys();
    const [group = ""] = (await collect(manager.storageAccounts.list())).map(
      ({ id = "" }) => /resourceGroups\/([^/]+)/.exec(id)?.[1] ?? GROUP,
    );
    await manager.storageAccounts.create(group, "secondlake", {
      ...{
        location: "westeurope",
        sku: { name: "Standard_LRS" },
        kind: "StorageV2",
        isHnsEnabled: true,
      },
    });
    await manager.storageAccounts.regenerateKey(group, "contosolake", { keyName: "key1" });
    await manager.storageAccounts.update(group, "contosolake", {
      networkRuleSet: { defaultAction: "Deny" },
    });
    await expect(fileNames(lake)).rejects.toMatchObject({ code: "AuthorizationFailure" });
    await cloud.reset();
    expect(await fileNames(lake)).toEqual(seeded);
    expect(cloud.accountKeys()).toEqual(keys);
    expect(() => cloud.accountKeys("secondlake")).toThrow(RangeError);
    expect(await collect(manager.storageAccounts.list())).toHaveLength(1);
  });

  it("in its faults, its clock and the programs", async () => {
    cloud.faults.add({ kind: "clock", seconds: 7200 });
    cloud.faults.add({ on: "lake", kind: "status", status: 503 });
    await cloud.programs.signIn("az", "ada@contoso.com");
    await cloud.reset();
    expect(cloud.faults.list()).toEqual([]);
    expect(cloud.programs.isSignedIn("az")).toBe(false);
    expect(await fileNames(lake)).toEqual(seeded);
  });

  it("in sign-ins that are under way", async () => {
    const { origin, tenantId, clientId } = cloud.description;
    const post = async (path: string, fields: Record<string, string>) => {
      const { httpClient } = cloud;
      const url = `${origin}/${tenantId}/oauth2/v2.0/${path}`;
      const { createHttpHeaders, createPipelineRequest } = await import(
        "@azure/core-rest-pipeline"
      );
      const reply = await httpClient.sendRequest(
        createPipelineRequest({
          ...{ url, method: "POST", body: new URLSearchParams(fields).toString() },
          headers: createHttpHeaders({ "content-type": "application/x-www-form-urlencoded" }),
        }),
      );
      return JSON.parse(reply.bodyAsText ?? "") as Record<string, string>;
    };
    const scope = "https://storage.azure.com/.default";
    const { device_code = "" } = await post("devicecode", { client_id: clientId, scope });
    const poll = () =>
      post("token", { grant_type: "device_code", client_id: clientId, device_code });
    expect(await poll()).toMatchObject({ error: "authorization_pending" });
    await cloud.save("signing-in");
    await cloud.reset();
    expect(await poll()).toMatchObject({ error: "bad_verification_code" });
    await cloud.restore("signing-in");
    expect(await poll()).toMatchObject({ error: "authorization_pending" });
    await cloud.removeSnapshot("signing-in");
  });

  it("in tens of milliseconds", async () => {
    await raw().getFileClient("some.txt").upload(Buffer.from("x"));
    const times: number[] = [];
    for (let round = 0; round < 10; round++) {
      const start = performance.now();
      await cloud.reset();
      times.push(performance.now() - start);
    }
    // The quickest of them, since a busy machine makes the others slower.
    expect(Math.min(...times)).toBeLessThan(100);
  });
});

describe("named snapshots", () => {
  let cloud: PracticeCloud;
  let lake: DataLakeServiceClient;
  beforeEach(async () => {
    cloud = await startPractice();
    lake = lakeOf(cloud, { retryOptions: { maxTries: 1 } });
  });
  afterEach(() => cloud.close());

  it("keep each its own bytes, though a file grows in place between them", async () => {
    const file = lake.getFileSystemClient("raw").getFileClient("log.bin");
    const [one, two, three] = [1, 2, 3].map((value) => Buffer.alloc(200_000, value));
    const append = async (bytes: Buffer = Buffer.alloc(0)) => {
      const { contentLength = 0 } = await file.getProperties();
      await file.append(bytes, contentLength, bytes.length);
      await file.flush(contentLength + bytes.length);
    };
    const content = async () => (await file.readToBuffer()).toString("latin1");
    const text = (...parts: (Buffer | undefined)[]) =>
      Buffer.concat(parts.flatMap((part) => part ?? [])).toString("latin1");
    await file.create();
    await append(one);
    await cloud.save("short");
    await append(two);
    await cloud.save("long");
    await append(three);
    await cloud.restore("short");
    expect(await content()).toBe(text(one));
    await append(three);
    expect(await content()).toBe(text(one, three));
    await cloud.restore("long");
    expect(await content()).toBe(text(one, two));
    await cloud.removeSnapshot("short");
    await append(one);
    await cloud.restore("long");
    expect(await content()).toBe(text(one, two));
  });

  it("bring faults back with what is left of them", async () => {
    cloud.faults.add({ on: "lake", kind: "status", status: 503, times: 3 });
    cloud.faults.add({ kind: "clock", seconds: 60 });
    await expect(fileNames(lake)).rejects.toMatchObject({ statusCode: 503 });
    await cloud.save("failing");
    await cloud.reset();
    await fileNames(lake);
    await cloud.restore("failing");
    expect(cloud.faults.list().map(({ fault }) => fault)).toEqual([
      { on: "lake", kind: "status", status: 503, times: 3 },
      { kind: "clock", seconds: 60 },
    ]);
    for (let left = 2; left > 0; left--) {
      await expect(fileNames(lake)).rejects.toMatchObject({ statusCode: 503 });
    }
    await fileNames(lake);
  });

  it("are listed, replaced by one of the same name, and removed", async () => {
    const file = lake.getFileSystemClient("raw").getFileClient("which.txt");
    for (const text of ["first", "second"]) {
      await file.upload(Buffer.from(text));
      await cloud.save("only");
    }
    await cloud.save("another");
    expect(cloud.snapshots().map(({ name }) => name)).toEqual(["another", "only"]);
    await cloud.reset();
    await cloud.restore("only");
    expect(String(await file.readToBuffer())).toBe("second");
    await cloud.removeSnapshot("another");
    expect(cloud.snapshots()).toMatchObject([{ name: "only", savedAt: expect.any(String) }]);
  });

  it("refuse names that are none, and leave everything as it is", async () => {
    await expect(cloud.restore("nothere")).rejects.toThrow(
      "there is no snapshot nothere; none was saved",
    );
    await cloud.save("here");
    await expect(cloud.removeSnapshot("nothere")).rejects.toThrow("there are here");
    for (const name of ["", "../out", "a/b", ".hidden", "x".repeat(65)]) {
      await expect(cloud.save(name)).rejects.toThrow("cannot be the name of a snapshot");
    }
    expect(cloud.snapshots()).toHaveLength(1);
    await cloud.close();
    await expect(cloud.save("late")).rejects.toThrow("the practice cloud is closed");
  });
});

describe("a reset under load", () => {
  it("lets requests end or breaks them off, and mixes no two states", async () => {
    await using cloud = await startPractice();
    const lake = lakeOf(cloud, { retryOptions: { maxTries: 1 } });
    const before = await fileNames(lake);
    const outcomes: string[] = [];
    let isOver = false;
    const work = async (worker: number) => {
      for (let round = 0; !isOver; round++) {
        const file = lake.getFileSystemClient("raw").getFileClient(`load/${worker}-${round}.bin`);
        const content = Buffer.alloc(150_000, worker);
        try {
          await file.upload(content);
          outcomes.push("written");
          const read = await file.readToBuffer();
          outcomes.push(read.equals(content) ? "read" : "mixed");
        } catch (error) {
          const { code, statusCode } = error as { code?: string; statusCode?: number };
          outcomes.push(statusCode === undefined ? "broken" : `${statusCode} ${code}`);
        }
      }
    };
    const workers = Array.from({ length: 8 }, (_none, index) => work(index));
    for (let round = 0; round < 8; round++) {
      await new Promise((resolve) => setTimeout(resolve, 60));
      await cloud.reset();
    }
    const done = outcomes.length;
    // Work goes on after the last one, as nothing had happened.
    while (!outcomes.slice(done).includes("read")) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    isOver = true;
    await Promise.all(workers);
    await cloud.reset();
    expect(await fileNames(lake)).toEqual(before);
    // A file that a reset has removed is not found; one that it caught half made is refused.
    const allowed = /^(written|read|broken|404 .*|.* InvalidFlushPosition)$/;
    const others = outcomes.filter((outcome) => !allowed.test(outcome));
    expect(others).toEqual([]);
  });

  it("does not wait for requests that a fault holds up", async () => {
    await using cloud = await startPractice();
    const lake = lakeOf(cloud, { retryOptions: { maxTries: 1 } });
    const file = lake.getFileSystemClient("raw").getFileClient("large.bin");
    await file.upload(Buffer.alloc(2_000_000));
    cloud.faults.add({ on: "lake", kind: "stall", after: 1000, method: "GET" });
    cloud.faults.add({ kind: "silence", on: "metadata" });
    cloud.faults.add({ on: "lake", kind: "delay", ms: 60_000, method: "DELETE" });
    const held = [
      fetch(`${cloud.description.pages}/metadata/instance`),
      file.readToBuffer(),
      file.delete(),
    ];
    const ends = Promise.allSettled(held);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const start = performance.now();
    await cloud.reset();
    expect(performance.now() - start).toBeLessThan(5_000);
    expect((await ends).map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(await fileNames(lake)).not.toContain("large.bin");
  });
});

describe("snapshots in a folder", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "notelake-test-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("outlive the practice cloud, as what it began with does", async () => {
    const dir = join(folder, "cloud");
    {
      await using cloud = await startPractice({ dir });
      await lakeOf(cloud)
        .getFileSystemClient("raw")
        .getFileClient("kept.txt")
        .upload(Buffer.from("1"));
      await cloud.save("kept");
      await cloud.reset();
    }
    await using cloud = await startPractice({ dir });
    expect(await fileNames(lakeOf(cloud))).not.toContain("kept.txt");
    await cloud.restore("kept");
    expect(await fileNames(lakeOf(cloud))).toContain("kept.txt");
    await cloud.reset();
    expect(await fileNames(lakeOf(cloud))).not.toContain("kept.txt");
  });

  it("are restored to the end at the next start when the process was killed meanwhile", async () => {
    const dir = join(folder, "cloud");
    {
      await using cloud = await startPractice({ dir });
      await lakeOf(cloud).getFileSystemClient("made-here").create();
      await cloud.save("kept");
      await cloud.reset();
    }
    writeFileSync(join(dir, "restoring.json"), JSON.stringify({ from: "snapshots/kept" }));
    rmSync(join(dir, "lake"), { recursive: true });
    mkdirSync(join(dir, "snapshots/.half.part"));
    await using cloud = await startPractice({ dir });
    const names = (await collect(lakeOf(cloud).listFileSystems())).map(({ name }) => name);
    expect(names).toContain("made-here");
    expect(existsSync(join(dir, "restoring.json"))).toBe(false);
    expect(readdirSync(join(dir, "snapshots"))).toEqual(["kept"]);
  });

  it("say when they are damaged, and change nothing then", async () => {
    await using cloud = await startPractice({ dir: join(folder, "cloud") });
    const lake = lakeOf(cloud);
    await cloud.save("broken");
    await lake.getFileSystemClient("made-here").create();
    for (const part of ["lake/gen2/contosolake/names.db", "state.json"]) {
      rmSync(join(folder, "cloud/snapshots/broken", part));
      await expect(cloud.restore("broken")).rejects.toThrow(/names\.db|is damaged/);
      expect(await lake.getFileSystemClient("made-here").exists()).toBe(true);
    }
  });
});

describe("a snapshot that cannot be saved", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "notelake-test-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it.runIf(canMount())("for want of room leaves nothing, and all else as it was", async () => {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", folder]);
    try {
      await using cloud = await startPractice({ dir: join(folder, "cloud") });
      await cloud.save("small");
      const { bavail, bsize } = statfsSync(folder);
      writeFileSync(join(folder, "filler"), Buffer.alloc(bavail * bsize - 40_000));
      await expect(cloud.save("small")).rejects.toThrow(
        /the snapshot small could not be saved: .*(ENOSPC|full)/,
      );
      rmSync(join(folder, "filler"));
      expect(readdirSync(join(folder, "cloud/snapshots"))).toEqual(["small"]);
      await cloud.restore("small");
      expect(await fileNames(lakeOf(cloud))).not.toHaveLength(0);
    } finally {
      execFileSync("umount", [folder]);
    }
  });

  it("because another program reads the names says so", async () => {
    const dir = join(folder, "cloud");
    await using cloud = await startPractice({ dir });
    const lake = lakeOf(cloud);
    await lake.getFileSystemClient("made-here").create();
    using other = new DatabaseSync(join(dir, "lake/gen2/contosolake/names.db"));
    other.exec("begin; select * from nodes");
    const read = other.prepare("select count(*) from nodes").get();
    expect(read).toBeDefined();
    await lake.getFileSystemClient("made-here-too").create();
    await expect(cloud.save("here")).rejects.toThrow(
      /the snapshot here could not be saved: another program reads .*names\.db/,
    );
    expect(cloud.snapshots()).toEqual([]);
    other.exec("commit");
    await cloud.save("here");
  });
});

function canMount(): boolean {
  return process.getuid?.() === 0 && spawnSync("unshare", ["--mount", "true"]).status === 0;
}

describe("over HTTP", () => {
  it("saves, lists, restores, resets and removes, for this machine alone", async () => {
    await using cloud = await startPractice();
    const lake = lakeOf(cloud);
    const control = (method: string, path: string, headers: Record<string, string> = {}) =>
      fetch(`${cloud.description.pages}/practice/${path}`, { method, headers });
    await lake.getFileSystemClient("made-here").create();
    expect((await control("PUT", "snapshots/first")).status).toBe(204);
    expect(await (await control("GET", "snapshots")).json()).toMatchObject({
      value: [{ name: "first" }],
    });
    expect((await control("POST", "reset")).status).toBe(204);
    expect(await lake.getFileSystemClient("made-here").exists()).toBe(false);
    expect((await control("POST", "snapshots/first/restore")).status).toBe(204);
    expect(await lake.getFileSystemClient("made-here").exists()).toBe(true);
    const { pages } = cloud.description;
    for (const headers of [
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site", origin: "http://127.0.0.1:9" },
      { origin: "http://127.0.0.1:9" },
      { origin: "null" },
    ] as Record<string, string>[]) {
      expect((await control("POST", "reset", headers)).status).toBe(403);
    }
    expect((await control("PUT", "snapshots/own", { origin: pages })).status).toBe(204);
    const own = { "sec-fetch-site": "same-origin", origin: "null" };
    expect((await control("DELETE", "snapshots/own", own)).status).toBe(204);
    expect(await lake.getFileSystemClient("made-here").exists()).toBe(true);
    expect((await control("DELETE", "snapshots/first")).status).toBe(204);
    const missing = await control("POST", "snapshots/first/restore");
    expect(missing.status).toBe(404);
    expect(await missing.json()).toEqual({ error: "there is no snapshot first; none was saved" });
    expect((await control("GET", "reset")).status).toBe(404);
  });
});
