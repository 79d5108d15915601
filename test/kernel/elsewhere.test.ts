import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openSession } from "./session.ts";

test("in a folder that is not the package's, what a cell declares has its type in the next", async () => {
  const folder = await mkdtemp(join(tmpdir(), "notelake-elsewhere-"));
  const session = await openSession(folder);
  try {
    // The type comes from a package that only notelake depends on, so it has no portable name.
    const declared = await session.run(
      'import { loadFrame } from "notelake";\n' +
        "const load = (lake: Parameters<typeof loadFrame>[0]) => loadFrame(lake, 'x.csv');\n" +
        "const frame = undefined as unknown as Awaited<ReturnType<typeof load>>;",
    );
    expect(declared.reply).toMatchObject({ status: "ok" });
    expect((await session.run("typeof frame")).value).toBe("undefined");
  } finally {
    await session.client.shutdown();
    await rm(folder, { recursive: true });
  }
});
