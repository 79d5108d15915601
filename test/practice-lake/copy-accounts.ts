import {
  BlobSASPermissions,
  type BlockBlobClient,
  generateBlobSASQueryParameters,
  StorageSharedKeyCredential,
} from "@azure/storage-blob";
import { blobClient, serveLake } from "./served-lake.ts";

/**
 * Two accounts, for copies within one and from one to the other.
 *
 * @param folder a folder whose `seed` fills the first of them
 */
export async function serveAccounts(folder?: string) {
  const served = await serveLake({ "raw/seed": "x" }, folder);
  served.lake.createAccount("otherlake");
  const there = blobClient(served, "otherlake").getContainerClient("far");
  await there.create();
  const here = blobClient(served).getContainerClient("raw");
  return {
    ...served,
    near: (name: string) => here.getBlockBlobClient(name),
    far: (name: string) => there.getBlockBlobClient(name),
    /** The URL of a blob, signed with an account key. */
    signed: (blob: BlockBlobClient, permissions = "r"): string => {
      const account = blob.accountName;
      const key = served.lake.keys(account)?.key1 ?? "";
      const sas = generateBlobSASQueryParameters(
        {
          containerName: blob.containerName,
          blobName: blob.name,
          permissions: BlobSASPermissions.parse(permissions),
          expiresOn: new Date(Date.now() + 600_000),
        },
        new StorageSharedKeyCredential(account, key),
      );
      return `${blob.url}?${sas}`;
    },
  };
}

export type ServedAccounts = Awaited<ReturnType<typeof serveAccounts>>;

export async function read(blob: BlockBlobClient): Promise<string> {
  return (await blob.downloadToBuffer()).toString();
}

export async function upload(blob: BlockBlobClient, content: string): Promise<BlockBlobClient> {
  await blob.upload(content, Buffer.byteLength(content), {
    metadata: { from: "source" },
    blobHTTPHeaders: { blobContentType: "text/csv" },
  });
  return blob;
}
