import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ClientSecretCredential } from "@azure/identity";
import { DataLakeServiceClient } from "@azure/storage-file-datalake";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  request,
  type ServedWithFolder,
  serveCloud,
  serveWithFolder,
  toLoopback,
  userToken,
} from "./served-cloud.ts";

describe("a practice cloud as a whole", () => {
  let served: ServedWithFolder;
  beforeAll(async () => {
    served = await serveWithFolder();
  });
  afterAll(() => served.close());

  it("serves the seeded lake under its Azure host name", async () => {
    const { tenantId, service, credentialOptions, ca, port, account } = served;
    const { clientId, clientSecret } = service;
    const credential = new ClientSecretCredential(
      tenantId,
      clientId,
      clientSecret,
      credentialOptions,
    );
    const options = { tlsOptions: { ca, lookup: toLoopback } };
    const url = `https://${account}.dfs.core.windows.net:${port}`;
    const client = new DataLakeServiceClient(url, credential, options as object);
    const fileSystem = client.getFileSystemClient("made-by-a-test");
    await fileSystem.create();
    await fileSystem.getFileClient("a/b.txt").upload(Buffer.from("lake"));
    const names: string[] = [];
    for await (const path of fileSystem.listPaths({ recursive: true })) names.push(path.name ?? "");
    expect(names).toEqual(["a", "a/b.txt"]);
  });

  it("names the owner of a file where it is asked to", async () => {
    const token = await userToken(served, "ada@contoso.com", "https://storage.azure.com/.default");
    const headers = { authorization: `Bearer ${token}`, "x-ms-version": "2025-11-05" };
    const base = `${served.origin}/${served.account}/named-by-a-test`;
    const made = await request(served.cloud, `${base}?restype=container`, {
      method: "PUT",
      headers,
    });
    expect(made.status).toBe(201);
    await request(served.cloud, `${base}/a.txt?resource=file`, { method: "PUT", headers });
    const list = (upn: boolean) =>
      request(served.cloud, `${base}?resource=filesystem&recursive=true&upn=${upn}`, { headers });
    expect((await list(true)).body.paths).toMatchObject([{ owner: "ada@contoso.com" }]);
    expect((await list(false)).body.paths).toMatchObject([
      { owner: "ada10000-5d3a-4f0e-8a51-0d9a1b2c3d01" },
    ]);
  });

  it("says that it has no other account", async () => {
    const { status, body } = await request(served.cloud, `${served.origin}/nosuchlake/raw`);
    expect(status).toBe(404);
    expect(body.error).toMatchObject({ code: "ResourceNotFound" });
  });

  it("keeps a connection for minutes, so that no client sends on one that is just closing", async () => {
    const headers = { connection: "keep-alive" };
    for (const url of [`${served.origin}/nosuchlake/raw`, `${served.pages}/devicelogin`]) {
      const { header } = await request(served.cloud, url, { headers });
      expect(header("keep-alive")).toBe("timeout=240");
    }
  });

  it.each([
    ["login.microsoftonline.com", "management.azure.com"],
    ["login.microsoftonline.us", "management.usgovcloudapi.net"],
    ["login.chinacloudapi.cn", "management.chinacloudapi.cn"],
  ])("plays %s and %s under their own names", async (login, management) => {
    const { cloud, port, tenantId, service } = served;
    const at = (host: string) => `https://${host}:${port}`;
    const discovery = `${at(login)}/${tenantId}/v2.0/.well-known/openid-configuration`;
    const { body: found } = await request(cloud, discovery);
    expect(found.issuer).toBe(`${at(login)}/${tenantId}/v2.0`);
    const { body: reply } = await request(cloud, String(found.token_endpoint), {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_id: service.clientId,
        client_secret: service.clientSecret,
        scope: `https://${management}/.default`,
      }).toString(),
    });
    const subscriptions = `${at(management)}/subscriptions?api-version=2022-12-01`;
    const { status } = await request(cloud, subscriptions, {
      headers: { authorization: `Bearer ${reply.access_token}` },
    });
    expect(status).toBe(200);
  });

  it("answers to no host name but those of its certificate", async () => {
    const headers = { host: `evil.example:${served.port}` };
    expect((await request(served.cloud, served.origin, { headers })).status).toBe(501);
  });

  it("shows who can sign in on its home page", async () => {
    const { text } = await request(served.cloud, `${served.pages}/`);
    for (const user of served.users) expect(text).toContain(user);
    expect(text).not.toContain(served.service.clientSecret);
  });

  it("shows on its home page what goes wrong on purpose, and how to add to it", async () => {
    const home = async () => (await request(served.cloud, `${served.pages}/`)).text;
    expect(await home()).toContain("Nothing at the moment");
    const { remove } = served.cloud.faults.add({ kind: "silence", on: "metadata" });
    expect(await home()).toContain("&#34;silence&#34;");
    remove();
    // The command that the page shows is one that works.
    const [, body = ""] = /curl -d '(.*?)'/.exec(await home()) ?? [];
    const reply = await request(served.cloud, `${served.pages}/practice/faults`, {
      method: "POST",
      body: body.replaceAll("&#34;", '"'),
    });
    expect(reply.status).toBe(201);
    served.cloud.faults.clear();
  });

  it("writes its description for its owner only, and removes it when it ends", async () => {
    const dir = join(served.folder, "described");
    const kept = await serveCloud({ dir });
    const { settingsFile } = kept.cloud;
    expect(JSON.parse(readFileSync(settingsFile, "utf8"))).toEqual(kept.cloud.description);
    expect(statSync(settingsFile).mode & 0o777).toBe(0o600);
    await kept.close();
    expect(existsSync(settingsFile)).toBe(false);
  });

  it.each([
    ["a tenant that cannot be decoded", "%ZZ/v2.0/.well-known/openid-configuration", 400],
    ["a Resource Manager path that cannot be decoded", "subscriptions/%ZZ?api-version=1", 401],
    ["a path of nothing but slashes", "///", 404],
    ["a method that nobody has", "common/oauth2/v2.0/token", 404],
  ])("answers %s with a refusal, not a mistake of its own", async (_what, path, status) => {
    const method = status === 404 ? "OPTIONS" : "GET";
    const reply = await request(served.cloud, `${served.origin}/${path}`, { method });
    expect(reply.status).toBe(status);
  });

  it("refuses a body that no request of the protocol could have", async () => {
    const form = "x".repeat(2 * 1024 * 1024);
    const reply = await served.post(served.tokenPath, { form });
    expect(reply.status).toBe(413);
  });
});
