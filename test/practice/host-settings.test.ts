import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { createHttpHeaders, createPipelineRequest } from "@azure/core-rest-pipeline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CLIENT_NAMES, hostSettings } from "../../src/practice/index.ts";
import { notelake } from "../cli/notelake.ts";
import { type ServedCloud, serveCloud } from "./served-cloud.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");

// A folder whose name a shell would take apart.
let folder: string;
let served: ServedCloud;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "notelake test's "));
  served = await serveCloud({ dir: join(folder, "cloud") });
});
afterAll(async () => {
  await served.close();
  rmSync(folder, { recursive: true });
});

describe.each(CLIENT_NAMES)("settings for %s", (name) => {
  test("are shell commands that a shell takes, and show no secret", async () => {
    const settings = hostSettings(name, served.cloud.description);
    await run("/bin/sh", ["-n", "-c", settings]);
    const { account, connectionString, clientSecret } = secretsOf(served);
    for (const secret of [account, connectionString, clientSecret]) {
      expect(settings).not.toContain(secret);
    }
    expect(settings).toContain("# Then:");
  });

  test("are what the command prints of a practice cloud that runs", async () => {
    const args = ["practice", "--dir", join(folder, "cloud"), "--settings", name];
    const { code, stdout } = await notelake(args);
    expect([code, stdout]).toEqual([0, `${hostSettings(name, served.cloud.description)}\n`]);
  });
});

test("a program in JavaScript, as printed, reaches the lake by Azure's names and by no other way", async () => {
  const settings = hostSettings("node", served.cloud.description);
  const place = join(folder, "node");
  mkdirSync(place);
  symlinkSync(join(root, "node_modules"), join(place, "node_modules"));
  const program = /^# main\.mjs:\n((?:#(?: {3}.*)?\n)+)/m.exec(settings)?.[1] ?? "";
  writeFileSync(join(place, "main.mjs"), program.replace(/^# {0,3}/gm, ""));
  const command = /^# Then:\n# {3}(.*)$/m.exec(settings)?.[1];
  const PATH = `${dirname(process.execPath)}${delimiter}${process.env.PATH}`;
  const { stdout } = await run("/bin/sh", ["-c", `${settings}\ncd "$0" && ${command}`, place], {
    // What leads elsewhere is put right by the settings.
    env: { ...process.env, PATH, https_proxy: "http://127.0.0.1:9", AZURE_CLIENT_SECRET: "other" },
  });
  expect(stdout.split("\n")).toContain("raw");
  const asked = served.cloud.requests.list().map(({ url }) => new URL(url).host);
  expect(new Set(asked)).toContain("contosolake.blob.core.windows.net");
  expect(new Set(asked)).toContain("login.microsoftonline.com");
});

test("key files follow the account's key", async () => {
  const { cloud, keyFiles } = served;
  expect(readFileSync(keyFiles.accountKey, "utf8")).toBe(cloud.accountKeys().key1);
  await cloud.save("before");
  const before = cloud.accountKeys().key1;
  const { token } = (await cloud
    .credential("ada@contoso.com")
    .getToken("https://management.azure.com/.default")) ?? { token: "" };
  const path =
    `/subscriptions/${served.subscriptionId}/resourceGroups/notelake-practice/providers/` +
    `Microsoft.Storage/storageAccounts/${served.account}/regenerateKey?api-version=2023-05-01`;
  const { status } = await cloud.httpClient.sendRequest(
    createPipelineRequest({
      url: `https://management.azure.com${path}`,
      method: "POST",
      headers: createHttpHeaders({
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
      }),
      body: JSON.stringify({ keyName: "key1" }),
    }),
  );
  expect(status).toBe(200);
  const after = cloud.accountKeys().key1;
  expect(after).not.toBe(before);
  expect(readFileSync(keyFiles.accountKey, "utf8")).toBe(after);
  expect(readFileSync(keyFiles.connectionString, "utf8")).toContain(`AccountKey=${after};`);
  await cloud.restore("before");
  expect(readFileSync(keyFiles.accountKey, "utf8")).toBe(before);
});

test("no practice cloud, and no such client, are said in a line", async () => {
  const none = await notelake(["practice", "--settings", "az", "--dir", join(folder, "none")]);
  expect([none.code, none.stderr]).toEqual([2, expect.stringContaining("no practice cloud runs")]);
  const wrong = await notelake(["practice", "--settings", "rclnoe"]);
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining("Did you mean rclone?")]);
});

function secretsOf({ cloud, keyFiles }: ServedCloud) {
  return {
    account: cloud.accountKeys().key1,
    connectionString: readFileSync(keyFiles.connectionString, "utf8"),
    clientSecret: cloud.description.service.clientSecret,
  };
}
