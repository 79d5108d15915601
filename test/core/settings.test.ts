import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readSettings, SETTINGS_FILE } from "../../src/core/settings.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "notelake-settings-"));
  await mkdir(join(folder, ".notelake"));
  await mkdir(join(folder, "notebooks"));
});
afterEach(() => rm(folder, { recursive: true }));

const store = (content: unknown) =>
  writeFile(
    join(folder, SETTINGS_FILE),
    typeof content === "string" ? content : JSON.stringify(content),
  );

test("options win over the environment, which wins over the nearest file above", async () => {
  await store({ cloud: "china", tenantId: "from-file", account: "filelake", clientId: "file" });
  const environment = { AZURE_TENANT_ID: "from-env", NOTELAKE_ACCOUNT: "envlake" };
  expect(readSettings({ account: "mine" }, environment, join(folder, "notebooks"))).toEqual({
    cloud: "china",
    tenantId: "from-env",
    account: "mine",
    clientId: "file",
  });
});

test("a file written for one cloud does not leak into another", async () => {
  await store({ cloud: "public", tenantId: "contoso.com" });
  expect(readSettings({ cloud: "practice" }, {}, folder)).toEqual({ cloud: "practice" });
});

test("an empty variable is no setting", async () => {
  await store({ cloud: "public" });
  expect(readSettings({}, { NOTELAKE_CLOUD: "", AZURE_TENANT_ID: "" }, folder)).toEqual({
    cloud: "public",
  });
});

test.each([
  ["not JSON", "{cloud: public}", /settings\.json is not readable as JSON/],
  ["an unknown name", { tenant: "x" }, /settings\.json sets tenant, which means nothing here/],
  ["a value that is no text", { account: 7 }, /settings\.json sets account/],
  ["an unknown cloud", { cloud: "germany" }, /names the cloud "germany"[\s\S]*Use one of practice/],
])("a bad file is refused by name: %s", async (_what, content, message) => {
  await store(content);
  expect(() => readSettings({}, {}, folder)).toThrow(message);
});

test("a bad cloud in the environment is refused by the variable's name", () => {
  expect(() => readSettings({}, { NOTELAKE_CLOUD: "moon" }, folder)).toThrow(
    /NOTELAKE_CLOUD names the cloud "moon"/,
  );
});
