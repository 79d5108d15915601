import type { DataLakeServiceClient } from "@azure/storage-file-datalake";

/**
 * What the tests beside this file are about: a job that moves files of the file system `raw` below
 * `archive/`. It knows nothing of the practice cloud; who calls it hands it a client.
 *
 * @returns how many files were moved
 */
export async function archive(lake: DataLakeServiceClient, folder: string): Promise<number> {
  const raw = lake.getFileSystemClient("raw");
  await raw.getDirectoryClient(`archive/${folder}`).create();
  let moved = 0;
  for await (const { name = "", isDirectory } of raw.listPaths({ path: folder })) {
    if (isDirectory) continue;
    await raw.getFileClient(name).move(`archive/${name}`);
    moved++;
  }
  return moved;
}
