import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { copyByService } from "../../src/lake/gen2/copy-path.ts";
import type { Gen2Wire } from "../../src/lake/gen2/gen2-wire.ts";
import type { Lake, LakeEntry } from "../../src/lake/lake.ts";
import type { Asked } from "./altering-proxy.ts";
import { everythingIn } from "./listed.ts";
import { startTestCloud, type TestCloud } from "./practice-cloud.ts";
import { openRig } from "./proxy-rig.ts";
import { Traffic } from "./traffic.ts";

const BIG = randomBytes(9_000_000);
let cloud: TestCloud;
let lake: Lake;
const traffic = new Traffic();

beforeAll(async () => {
  cloud = await startTestCloud("ada@contoso.com", { "raw/from/big ü.bin": BIG });
  lake = cloud.open("raw");
  const file = known("from/big ü.bin");
  await file.setHttpHeaders({ contentType: "text/x-big", contentLanguage: "fr" });
  await file.setMetadata({ origin: "sensor" });
});
afterEach(() => {
  traffic.forget();
  cloud.practice.faults.clear();
});
afterAll(() => cloud.close());

const known = (path: string) => cloud.stock().getFileSystemClient("raw").getFileClient(path);
/** The copy has the bytes, the content type and the metadata, and nothing else is left there. */
async function expectCopy(path: string) {
  expect(Buffer.compare(await lake.read(path), BIG)).toBe(0);
  const { contentType, contentLanguage, metadata } = await known(path).getProperties();
  expect({ contentType, contentLanguage, metadata }).toEqual({
    contentType: "text/x-big",
    contentLanguage: "fr",
    metadata: { origin: "sensor" },
  });
}

test("the service copies a file itself: no byte of it comes by this machine", async () => {
  const steps: number[] = [];
  const copied = await lake.copy("from/big ü.bin", "copied/a.bin", {
    onProgress: ({ bytes }) => steps.push(bytes),
  });
  expect(copied).toMatchObject({ path: "copied/a.bin", kind: "file", size: BIG.length });
  expect(steps.at(-1)).toBe(BIG.length);
  expect(traffic.requests.filter((request) => /^(GET|PATCH) \/raw/.test(request))).toEqual([]);
  await expectCopy("copied/a.bin");
  expect(await everythingIn(lake, "copied")).toEqual(["copied/a.bin"]);
});

test("a copy is made over another file only when asked, in one step", async () => {
  await lake.write("over/a.bin", "precious");
  await expect(lake.copy("from/big ü.bin", "over/a.bin")).rejects.toMatchObject({
    code: "EXISTS",
  });
  expect(await lake.readText("over/a.bin")).toBe("precious");
  await lake.copy("from/big ü.bin", "over/a.bin", { overwrite: true });
  await expectCopy("over/a.bin");
  expect(await everythingIn(lake, "over")).toEqual(["over/a.bin"]);
  const puts = traffic.requests.filter((request) => request.startsWith("PUT /raw/over/a.bin"));
  expect(puts.filter((request) => !request.includes("mode="))).toEqual([]); // renames alone
});

test.each([
  [404, "CannotVerifyCopySource"],
  [409, "FeatureNotSupported"],
  [501, "NotImplemented"],
])("what the service refuses to copy (%i) comes by this machine", async (status, code) => {
  const directory = `refused-${status}`;
  cloud.practice.faults.add({ on: "lake", kind: "status", status, code, method: "PUT", times: 1 });
  await lake.copy("from/big ü.bin", `${directory}/a.bin`);
  expect(traffic.fetched("/raw/from/big%20%C3%BC.bin")).toBe(BIG.length);
  await expectCopy(`${directory}/a.bin`);
  expect(await everythingIn(lake, directory)).toEqual([`${directory}/a.bin`]);
});

test("metadata of any name comes along by way of this machine", async () => {
  const rig = await openRig(2);
  const properties = `__proto__=${Buffer.from("kept").toString("base64")},origin=c2Vuc29y`;
  const sent: unknown[] = [];
  const isCopy = ({ headers }: Asked) => "x-ms-copy-source" in headers;
  rig.between.meddling = {
    ask: (asked) => (isCopy(asked) ? { method: "HEAD" } : {}), // which the service is not to do
    change: (told, asked) => {
      if (isCopy(asked)) told.status = 409;
      else if (asked.method === "HEAD" && /00\.csv$/.test(asked.target)) {
        told.headers["x-ms-properties"] = properties;
      } else if (/action=setProperties/.test(asked.target)) {
        sent.push(asked.headers["x-ms-properties"]);
      }
    },
  };
  await rig.lake.copy("data/00.csv", "copied.csv");
  expect(sent).toEqual([properties]);
  await rig.close();
});

test("only the version that was asked for is copied", async () => {
  await lake.write("changing/a", "old");
  cloud.practice.faults.add({ on: "lake", kind: "delay", ms: 1000, method: "PUT", times: 1 });
  const copied = lake.copy("changing/a", "changing/b").catch((error) => error);
  await expect.poll(() => traffic.requests.at(-1)).toMatch(/PUT .*\.part/);
  await lake.write("changing/a", "new", { overwrite: true });
  expect(await copied).toMatchObject({
    code: "CONFLICT",
    message: expect.stringContaining("changing/a in raw"),
  });
  expect(await everythingIn(lake, "changing")).toEqual(["changing/a"]);
});

describe("a copy that takes its time", () => {
  /** A service that says these things about a copy, one after the other. */
  function telling(...statuses: string[]) {
    const sent: string[] = [];
    const wire = {
      blobUrl: (path: string) => path,
      transport: { signed: (url: string) => url },
      send: async ({ method, url }: { method: string; url: string }) => {
        sent.push(`${method} ${url}`);
        const status = statuses.shift() ?? "pending";
        return {
          headers: new Map([
            ["x-ms-copy-id", "7"],
            ["x-ms-copy-status", status],
          ]),
        };
      },
    };
    return { sent, wire: wire as unknown as Gen2Wire };
  }
  const from: LakeEntry = { path: "a", kind: "file", size: 1, modified: new Date(), etag: '"1"' };

  test("is asked after until it is there", async () => {
    const { sent, wire } = telling("pending", "pending", "success");
    await copyByService(wire, from, "b");
    expect(sent).toEqual(["PUT b", "HEAD b", "HEAD b"]);
  });

  test("fails when the service gives it up", async () => {
    const { wire } = telling("pending", "failed");
    await expect(copyByService(wire, from, "b")).rejects.toMatchObject({ code: "CopyFailed" });
  });

  test("is ended when nobody waits for it any more", async () => {
    const { sent, wire } = telling();
    const left = new AbortController();
    const copying = copyByService(wire, from, "b", left.signal);
    setTimeout(() => left.abort(), 200);
    await expect(copying).rejects.toMatchObject({ name: "AbortError" });
    expect(sent.at(-1)).toBe("PUT b?comp=copy&copyid=7");
  });
});
