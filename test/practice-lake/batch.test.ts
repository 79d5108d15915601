import {
  AnonymousCredential,
  type BlobBatchClient,
  type BlobClient,
  BlobSASPermissions,
  BlobServiceClient,
  type ContainerClient,
  generateBlobSASQueryParameters,
  StorageSharedKeyCredential,
} from "@azure/storage-blob";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ACCOUNT, blobClient, pipelineOptions, type ServedLake, serveLake } from "./served-lake.ts";

let lake: ServedLake;
let raw: ContainerClient;
let batch: BlobBatchClient;

beforeAll(async () => {
  lake = await serveLake({ "raw/x.txt": "x", "other/x.txt": "x" });
  raw = blobClient(lake).getContainerClient("raw");
  batch = raw.getBlobBatchClient();
});
afterAll(() => lake.close());

async function blobs(count: number, folder: string): Promise<BlobClient[]> {
  const made = Array.from({ length: count }, (_, index) =>
    raw.getBlockBlobClient(`${folder}/${index} & ü`),
  );
  await Promise.all(made.map((blob) => blob.upload("x", 1)));
  return made;
}

describe("a batch", () => {
  test("deletes blobs, each answered for itself", async () => {
    const made = await blobs(3, "some");
    const none = raw.getBlobClient("some/none");
    const folder = raw.getBlobClient("some");
    const answer = await batch.deleteBlobs([...made, none, folder]);
    expect(answer.subResponses.map(({ status, errorCode }) => [status, errorCode])).toEqual([
      [202, undefined],
      [202, undefined],
      [202, undefined],
      [404, "BlobNotFound"],
      [202, undefined],
    ]);
    expect([answer.subResponsesSucceededCount, answer.subResponsesFailedCount]).toEqual([4, 1]);
    expect(answer.subResponses[3]?.bodyAsText).toContain("The specified blob does not exist.");
    expect(await Promise.all(made.map((blob) => blob.exists()))).toEqual([false, false, false]);
  });

  test("of as many as there may be is run from the account, by an account key", async () => {
    const made = await blobs(256, "many");
    const key = new StorageSharedKeyCredential(ACCOUNT, lake.lake.keys(ACCOUNT)?.key1 ?? "");
    const url = `https://${ACCOUNT}.blob.core.windows.net:${lake.port}`;
    const service = new BlobServiceClient(url, key, pipelineOptions(lake.ca));
    const answer = await service.getBlobBatchClient().deleteBlobs(
      made.map((blob) => blob.url),
      key,
    );
    expect(answer.subResponsesSucceededCount).toBe(256);
  });

  test("on a loopback host names the account in each path", async () => {
    const url = `https://127.0.0.1:${lake.port}/${ACCOUNT}`;
    const credential = blobClient(lake).credential as StorageSharedKeyCredential;
    const service = new BlobServiceClient(url, credential, pipelineOptions(lake.ca));
    await blobs(1, "loopback");
    const blob = service.getContainerClient("raw").getBlobClient("loopback/0 & ü");
    const answer = await service.getBlobBatchClient().deleteBlobs([blob]);
    expect(answer.subResponses.map(({ status }) => status)).toEqual([202]);
  });

  test("lets each request do what its own signature lets it", async () => {
    const [may, mayNot] = await blobs(2, "signed");
    const key = new StorageSharedKeyCredential(ACCOUNT, lake.lake.keys(ACCOUNT)?.key1 ?? "");
    const signed = (blob: BlobClient | undefined, letters: string) => {
      const permissions = BlobSASPermissions.parse(letters);
      const expiresOn = new Date(Date.now() + 60_000);
      const blobName = blob?.name ?? "";
      const terms = { containerName: "raw", blobName, permissions, expiresOn };
      return `${blob?.url}?${generateBlobSASQueryParameters(terms, key)}`;
    };
    const answer = await batch.deleteBlobs(
      [signed(may, "d"), signed(mayNot, "r")],
      new AnonymousCredential(),
    );
    expect(answer.subResponses.map(({ status, errorCode }) => [status, errorCode])).toEqual([
      [202, undefined],
      [403, "AuthorizationPermissionMismatch"],
    ]);
  });

  test("sets tiers", async () => {
    const made = await blobs(2, "tiers");
    const answer = await batch.setBlobsAccessTier(made, "Cool");
    expect(answer.subResponses.map(({ status }) => status)).toEqual([200, 200]);
    await made[0]?.setHTTPHeaders({ blobContentType: "text/csv" });
    const tiers = await Promise.all(made.map((blob) => blob.getProperties()));
    expect(tiers).toMatchObject([
      { accessTier: "Cool", contentType: "text/csv" },
      { accessTier: "Cool" },
    ]);
    await raw.getBlockBlobClient("tiers/cold").upload("x", 1, { tier: "Cold" });
    const listed = raw.listBlobsFlat({ prefix: "tiers/c" });
    expect((await listed.next()).value).toMatchObject({ properties: { accessTier: "Cold" } });
  });

  const request = (...heads: string[]) => {
    const part = (head: string, id: number) =>
      `--b\r\nContent-Type: application/http\r\nContent-ID: ${id}\r\n\r\n${head}\r\n\r\n`;
    return `${heads.map(part).join("")}--b--\r\n`;
  };
  const head = (line: string) => `${line}\r\nAuthorization: Bearer owner`;

  test.each([
    ["nothing", request(), "InvalidInput"],
    ["a read", request(head(`GET /${ACCOUNT}/raw/x.txt HTTP/1.1`)), "InvalidInput"],
    ["a write", request(head(`PUT /${ACCOUNT}/raw/x.txt HTTP/1.1`)), "InvalidInput"],
    ["a container", request(head(`DELETE /${ACCOUNT}/raw HTTP/1.1`)), "InvalidInput"],
    ["another account", request(head("DELETE /otherlake/raw/x.txt HTTP/1.1")), "InvalidInput"],
    ["another container", request(head(`DELETE /${ACCOUNT}/other/x.txt HTTP/1.1`)), "InvalidInput"],
    [
      "too much",
      request(...Array.from({ length: 257 }, () => head(`DELETE /${ACCOUNT}/raw/x.txt HTTP/1.1`))),
      "ExceedsMaxBatchRequestCount",
    ],
    ["no batch at all", "hello", "InvalidInput"],
  ])("of %s is refused, and does nothing", async (_name, body, code) => {
    const answer = await lake.send({
      method: "POST",
      target: "/raw?restype=container&comp=batch",
      headers: { "content-type": "multipart/mixed; boundary=b" },
      body,
    });
    expect([answer.status, answer.headers["x-ms-error-code"]]).toEqual([400, code]);
    expect(await raw.getBlobClient("x.txt").exists()).toBe(true);
  });

  test("is refused to those who show nothing", async () => {
    const answer = await lake.send({
      method: "POST",
      target: "/?comp=batch",
      as: "nobody",
      headers: { "content-type": "multipart/mixed; boundary=b" },
      body: request(head(`DELETE /${ACCOUNT}/raw/x.txt HTTP/1.1`)),
    });
    expect(answer.status).toBe(401);
    expect(await raw.getBlobClient("x.txt").exists()).toBe(true);
  });
});
