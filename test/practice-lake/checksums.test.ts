import { createHash } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Crc64 } from "../../src/practice/lake/wire/crc64.ts";
import { type ServedLake, serveLake } from "./served-lake.ts";

let lake: ServedLake;
beforeAll(async () => {
  lake = await serveLake({ "raw/a.txt": "aaa" });
});
afterAll(() => lake.close());

const BODY = "some bytes";
const md5 = (text: string) => createHash("md5").update(text).digest("base64");
const crc64 = (text: string) => new Crc64().update(Buffer.from(text)).digest();

test("CRC64 is what the service computes, in whatever pieces the bytes come", () => {
  // The check value of CRC-64/NVME in the catalogue of checksums.
  const check = new Crc64().update(Buffer.from("123456789")).bytes().readBigUInt64LE();
  expect(check).toBe(0xae8b14860a799888n);
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (pieces) => {
      const crc = new Crc64();
      for (const piece of pieces) crc.update(piece);
      expect(crc.digest()).toBe(new Crc64().update(Buffer.concat(pieces)).digest());
    }),
  );
});

const BLOCK = Buffer.from("one").toString("base64");
const WRITES = {
  "Put Blob": ["PUT", "/raw/blob", { "x-ms-blob-type": "BlockBlob" }],
  "Put Block": ["PUT", `/raw/blocks?comp=block&blockid=${BLOCK}`, {}],
  "Append Block": ["PUT", "/raw/log?comp=appendblock", {}],
  "Path Update": ["PATCH", "/raw/file?action=append&position=0", {}],
} as const;

test.each(Object.entries(WRITES))(
  "%s checks and gives back both checksums",
  async (_name, write) => {
    const [method, target, own] = write;
    const none = { method: "PUT", body: "" };
    await lake.send({ ...none, target: "/raw/file?resource=file" });
    await lake.send({ ...none, target: "/raw/log", headers: { "x-ms-blob-type": "AppendBlob" } });
    const put = async (headers: Readonly<Record<string, string>>) => {
      const answer = await lake.send({
        method,
        target,
        body: BODY,
        headers: { ...own, ...headers },
      });
      const {
        "x-ms-error-code": code,
        "content-md5": sum,
        "x-ms-content-crc64": crc,
      } = answer.headers;
      return [answer.status, code ?? crc ?? sum];
    };
    const ok = method === "PATCH" ? 202 : 201;
    expect(await put({ "content-md5": md5(BODY) })).toEqual([ok, md5(BODY)]);
    expect(await put({ "x-ms-content-crc64": crc64(BODY) })).toEqual([ok, crc64(BODY)]);
    expect(await put({ "content-md5": md5("other") })).toEqual([400, "Md5Mismatch"]);
    expect(await put({ "x-ms-content-crc64": crc64("other") })).toEqual([400, "Crc64Mismatch"]);
    expect(await put({ "content-md5": "short" })).toEqual([400, "InvalidMd5"]);
    expect(await put({ "content-md5": md5(BODY), "x-ms-content-crc64": crc64(BODY) })).toEqual([
      400,
      "BothCrc64AndMd5RangeHeaderPresent",
    ]);
  },
);

test("the MD5 that a blob is to keep has to be its own", async () => {
  const put = async (sum: string) => {
    const headers = { "x-ms-blob-type": "BlockBlob", "x-ms-blob-content-md5": sum };
    const answer = await lake.send({ method: "PUT", target: "/raw/kept", body: BODY, headers });
    return answer.headers["x-ms-error-code"] ?? answer.status;
  };
  expect(await put(md5("other"))).toBe("Md5Mismatch");
  expect(await put("none")).toBe("InvalidMd5");
  expect(await put(md5(BODY))).toBe(201);
});

test("a range is given back with MD5 or CRC64, and not with both", async () => {
  const get = (headers: Readonly<Record<string, string>>) =>
    lake.send({ target: "/raw/a.txt", headers: { "x-ms-range": "bytes=0-1", ...headers } });
  const crc = { "x-ms-range-get-content-crc64": "true" };
  const sum = { "x-ms-range-get-content-md5": "true" };
  expect((await get(crc)).headers["x-ms-content-crc64"]).toBe(crc64("aa"));
  expect((await get(sum)).headers["content-md5"]).toBe(md5("aa"));
  expect((await get({ ...crc, ...sum })).headers["x-ms-error-code"]).toBe(
    "BothCrc64AndMd5RangeHeaderPresent",
  );
});

test("block ids of a blob are of one length", async () => {
  const stage = (id: string) =>
    lake.send({
      method: "PUT",
      target: `/raw/lengths?comp=block&blockid=${Buffer.from(id).toString("base64")}`,
      body: BODY,
    });
  expect((await stage("first")).status).toBe(201);
  expect((await stage("second-and-longer")).headers["x-ms-error-code"]).toBe("InvalidBlobOrBlock");
});

test("documents are held to their checksum too", async () => {
  const target = "/?restype=service&comp=properties";
  const body = "<StorageServiceProperties><Cors /></StorageServiceProperties>";
  const set = async (sum: string) => {
    const answer = await lake.send({
      method: "PUT",
      target,
      body,
      headers: { "content-md5": sum },
    });
    return answer.headers["x-ms-error-code"] ?? answer.status;
  };
  expect(await set(md5("other"))).toBe("Md5Mismatch");
  expect(await set(md5(body))).toBe(202);
});
