import { startPractice } from "../../src/practice/index.ts";

/** A practice cloud in a process of its own, so that its work is not counted as the client's. */
async function serve(seed: string): Promise<void> {
  const practice = await startPractice({ seed, approveDeviceCodesAs: "ada@contoso.com" });
  process.send?.(practice.description);
  // The parent's end is this process's end, however it comes.
  process.once("disconnect", () => practice.close().then(() => process.exit()));
}

void serve(process.argv[2] ?? "");
