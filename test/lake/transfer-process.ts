import { openLakeIn } from "../../src/lake/open-lake-in.ts";
import type { PracticeDescription } from "../../src/practice/index.ts";
import { cloudOf, deviceCodeCredential } from "./practice-client.ts";

/** One transfer, done in a process of its own that can be killed. */
export interface Transfer {
  readonly description: PracticeDescription;
  readonly kind: "download" | "upload" | "syncUp" | "syncDown";
  /** Path in the file system `raw`. */
  readonly path: string;
  readonly localFile: string;
}

async function transfer({ description, kind, path, localFile }: Transfer): Promise<void> {
  const credential = deviceCodeCredential(description);
  const lake = openLakeIn(cloudOf(description), "raw", { credential });
  const onProgress = ({ bytes }: { bytes: number }) => process.send?.({ bytes });
  if (kind === "download") await lake.download(path, localFile, { onProgress });
  else if (kind === "syncUp") await lake.syncUp(localFile, path, { onProgress });
  else if (kind === "syncDown") await lake.syncDown(path, localFile, { onProgress });
  else await lake.upload(localFile, path, { onProgress, overwrite: true });
  process.disconnect();
}

process.once("message", (message) => {
  void transfer(message as Transfer);
});
