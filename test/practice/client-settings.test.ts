import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { clientSettings } from "../../src/practice/index.ts";
import { claimsOf, serveCloud } from "./served-cloud.ts";

const run = promisify(execFile);

describe("settings for programs of the Azure SDKs", () => {
  it("lead a program that knows nothing else to the practice cloud", async () => {
    const folder = mkdtempSync(join(tmpdir(), "notelake test's "));
    const served = await serveCloud({ dir: join(folder, "cloud") });
    try {
      const settings = clientSettings(served.cloud.description);
      expect(settings).not.toContain(served.service.clientSecret);
      const client = `${import.meta.dirname}/environment-client.ts`;
      const script = `${settings}\ntype az >&2\nexec "$0" "$1"`;
      const { stdout, stderr } = await run("/bin/sh", ["-c", script, process.execPath, client]);
      expect(claimsOf(stdout)).toMatchObject({ appid: served.service.clientId, appidacr: "2" });
      expect(stderr).toContain(join(served.programs, "az"));
    } finally {
      await served.close();
      rmSync(folder, { recursive: true });
    }
  });

  it("leave a program that is installed in front of the stand-in of its name", async () => {
    const folder = mkdtempSync(join(tmpdir(), "notelake-az-"));
    const served = await serveCloud();
    try {
      writeFileSync(join(folder, "az"), "#!/bin/sh\necho the real one\n", { mode: 0o755 });
      const settings = clientSettings(served.cloud.description);
      const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
      const { stdout } = await run("/bin/sh", ["-c", `${settings}\naz`], { env });
      expect(stdout).toBe("the real one\n");
    } finally {
      await served.close();
      rmSync(folder, { recursive: true });
    }
  });
});
