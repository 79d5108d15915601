import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AuthorizationManagementClient } from "@azure/arm-authorization";
import { ResourceManagementClient } from "@azure/arm-resources";
import { ClientSecretCredential, type TokenCredential } from "@azure/identity";
import { DataLakeServiceClient } from "@azure/storage-file-datalake";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { request, type ServedCloud, serveCloud, toLoopback, userToken } from "./served-cloud.ts";

const SCOPE = "https://management.azure.com/.default";
const OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
const READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7";

describe("Azure Resource Manager", () => {
  let served: ServedCloud;
  beforeAll(async () => {
    served = await serveCloud({ approveDeviceCodesAs: "ada@contoso.com" });
  });
  afterAll(() => served.close());

  function client(credential: TokenCredential) {
    const { origin, subscriptionId, ca } = served;
    return new ResourceManagementClient(credential, subscriptionId, {
      endpoint: origin,
      tlsOptions: { ca },
      retryOptions: { maxRetries: 0 },
    });
  }

  function asService() {
    const { tenantId, service, credentialOptions } = served;
    const { clientId, clientSecret } = service;
    return client(new ClientSecretCredential(tenantId, clientId, clientSecret, credentialOptions));
  }

  async function as(user: string) {
    const token = await userToken(served, user, SCOPE);
    return client({
      getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }),
    });
  }

  async function groupNames(of: ResourceManagementClient) {
    const names: string[] = [];
    for await (const group of of.resourceGroups.list()) names.push(group.name ?? "");
    return names;
  }

  async function call(user: string, method: string, path: string, body?: unknown) {
    const token = await userToken(served, user, SCOPE);
    const join = path.includes("?") ? "&" : "?";
    return request(served.cloud, `${served.origin}${path}${join}api-version=2022-04-01`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  const scope = () => `/subscriptions/${served.subscriptionId}`;

  it("makes, finds, changes, lists and deletes resource groups for the stock client", async () => {
    const { resourceGroups } = asService();
    const parameters = { location: "West Europe", tags: { owner: "ada" } };
    const made = await resourceGroups.createOrUpdate("made-here", parameters);
    expect(made).toMatchObject({
      name: "made-here",
      location: "westeurope",
      tags: { owner: "ada" },
      properties: { provisioningState: "Succeeded" },
    });
    expect(await resourceGroups.get("MADE-HERE")).toMatchObject({ name: "made-here" });
    expect((await resourceGroups.checkExistence("made-here")).body).toBe(true);
    const changed = await resourceGroups.update("made-here", { tags: { owner: "grace" } });
    expect(changed.tags).toEqual({ owner: "grace" });
    expect(await groupNames(asService())).toEqual(["made-here", "notelake-practice"]);
    await resourceGroups.delete("made-here", { updateIntervalInMs: 10 });
    expect((await resourceGroups.checkExistence("made-here")).body).toBe(false);
    expect(await groupNames(asService())).toEqual(["notelake-practice"]);
  });

  it("reports a deletion as under way before it is done", async () => {
    await asService().resourceGroups.createOrUpdate("short-lived", { location: "eastus" });
    const accepted = await call(
      "ada@contoso.com",
      "DELETE",
      `${scope()}/resourcegroups/short-lived`,
    );
    expect(accepted.status).toBe(202);
    expect(accepted.header("retry-after")).toBe("1");
    const { pathname } = new URL(accepted.header("location") ?? "");
    expect((await call("ada@contoso.com", "GET", pathname)).status).toBe(202);
    expect((await call("ada@contoso.com", "GET", pathname)).status).toBe(200);
  });

  it("pages a list by $top", async () => {
    const groups = asService();
    await groups.resourceGroups.createOrUpdate("second", { location: "eastus" });
    const names: string[] = [];
    for await (const group of groups.resourceGroups.list({ top: 1 })) names.push(group.name ?? "");
    expect(names).toEqual(["notelake-practice", "second"]);
    await groups.resourceGroups.delete("second", { updateIntervalInMs: 10 });
  });

  it("lets a reader read, and refuses the rest in the service's own words", async () => {
    const max = await as("max@contoso.com");
    expect(await groupNames(max)).toEqual(["notelake-practice"]);
    const id = String((await call("max@contoso.com", "GET", "/tenants")).status);
    expect(id).toBe("200");
    await expect(
      max.resourceGroups.createOrUpdate("refused", { location: "westeurope" }),
    ).rejects.toMatchObject({
      statusCode: 403,
      code: "AuthorizationFailed",
      message:
        `The client 'max@contoso.com' with object id '3a800000-5d3a-4f0e-8a51-0d9a1b2c3d03' does ` +
        `not have authorization to perform action ` +
        `'Microsoft.Resources/subscriptions/resourceGroups/write' over scope ` +
        `'${scope()}/resourceGroups/refused' or the scope is invalid. If access was recently ` +
        `granted, please refresh your credentials.`,
    });
  });

  it("shows the tenant, and the subscription to those who have a role in it", async () => {
    const tenants = await call("grace@contoso.com", "GET", "/tenants");
    expect(tenants.body.value).toMatchObject([{ tenantId: served.tenantId }]);
    const list = await call("grace@contoso.com", "GET", "/subscriptions");
    expect(list.body.value).toMatchObject([{ subscriptionId: served.subscriptionId }]);
    const places = await call("grace@contoso.com", "GET", `${scope()}/locations`);
    expect(places.body.value).toContainEqual(expect.objectContaining({ name: "westeurope" }));
  });

  it("gives a role and takes it away again, by someone who may", async () => {
    const group = `${scope()}/resourceGroups/roles`;
    await asService().resourceGroups.createOrUpdate("roles", { location: "westeurope" });
    const { objectId } = served.identities.user;
    const path = `${group}/providers/Microsoft.Authorization/roleAssignments`;
    const roleDefinitionId = `${scope()}/providers/Microsoft.Authorization/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c`;
    const body = { properties: { roleDefinitionId, principalId: objectId } };
    const name = randomUUID();
    const refused = await call("grace@contoso.com", "PUT", `${path}/${name}`, body);
    expect(refused.body.error).toMatchObject({ code: "AuthorizationFailed" });
    const made = await call("ada@contoso.com", "PUT", `${path}/${name}`, body);
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      name,
      properties: { principalId: objectId, principalType: "ServicePrincipal", scope: group },
    });
    const twice = await call("ada@contoso.com", "PUT", `${path}/${randomUUID()}`, body);
    expect(twice.body.error).toMatchObject({ code: "RoleAssignmentExists" });
    const filter = `$filter=${encodeURIComponent(`principalId eq '${objectId}'`)}`;
    const listed = await call("ada@contoso.com", "GET", `${path}?${filter}`);
    const at = (listed.body.value as { properties: { scope: string } }[]).map(
      ({ properties }) => properties.scope,
    );
    expect(at.sort()).toEqual([scope(), scope(), group]);
    const here = await call("ada@contoso.com", "GET", `${path}/${name}`);
    expect(here.body.name).toBe(name);
    expect((await call("ada@contoso.com", "DELETE", `${path}/${name}`)).status).toBe(200);
    expect((await call("ada@contoso.com", "DELETE", `${path}/${name}`)).status).toBe(204);
    expect((await call("ada@contoso.com", "GET", `${path}/${name}`)).status).toBe(404);
    await asService().resourceGroups.delete("roles", { updateIntervalInMs: 10 });
  });

  it("lets a contributor manage, but not give roles", async () => {
    const { tenantId, service, credentialOptions, origin: endpoint, ca, subscriptionId } = served;
    const { clientId, clientSecret } = service;
    const credential = new ClientSecretCredential(
      tenantId,
      clientId,
      clientSecret,
      credentialOptions,
    );
    // Unless it is told, this client asks for a token for its endpoint's own address.
    const options = {
      endpoint,
      credentialScopes: SCOPE,
      tlsOptions: { ca },
      retryOptions: { maxRetries: 0 },
    };
    const client = new AuthorizationManagementClient(credential, subscriptionId, options);
    const parameters = { roleDefinitionId: OWNER, principalId: served.identities.user.objectId };
    await expect(
      client.roleAssignments.create(scope(), randomUUID(), parameters),
    ).rejects.toMatchObject({
      code: "AuthorizationFailed",
      // An application goes by its client id.
      message: expect.stringContaining(`The client '${clientId}' with object id`),
    });
  });

  it("lets the stock client give and take roles", async () => {
    const token = await userToken(served, "ada@contoso.com", SCOPE);
    const credential = {
      getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }),
    };
    const { origin: endpoint, ca, subscriptionId } = served;
    const options = { endpoint, tlsOptions: { ca }, retryOptions: { maxRetries: 0 } };
    const client = new AuthorizationManagementClient(credential, subscriptionId, options);
    const { roleDefinitions, roleAssignments } = client;
    const filter = "roleName eq 'Storage Blob Data Owner'";
    const { value: role } = await roleDefinitions.list(scope(), { filter }).next();
    expect(role).toMatchObject({ roleName: "Storage Blob Data Owner", roleType: "BuiltInRole" });
    const principalId = served.identities.system.objectId;
    const parameters = { roleDefinitionId: role?.id ?? "", principalId };
    const name = randomUUID();
    const made = await roleAssignments.create(scope(), name, parameters);
    expect(made).toMatchObject({ name, principalId });
    const held: (string | undefined)[] = [];
    const of = { filter: `assignedTo('${principalId}')` };
    for await (const item of roleAssignments.listForSubscription(of)) held.push(item.name);
    expect(held).toContain(name);
    expect(await roleAssignments.delete(scope(), name)).toMatchObject({ name });
  });

  it("opens the lake to whom a data role is given, and not to an owner as such", async () => {
    const lakeOf = async (user: string) => {
      const token = await userToken(served, user, "https://storage.azure.com/.default");
      const credential = {
        getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }),
      };
      const options = {
        tlsOptions: { ca: served.ca, lookup: toLoopback },
        retryOptions: { maxTries: 1 },
      };
      const url = `https://${served.account}.dfs.core.windows.net:${served.port}`;
      const service = new DataLakeServiceClient(url, credential, options as object);
      return service.getFileSystemClient("role-test");
    };
    await (await lakeOf("ada@contoso.com")).create();
    const asMax = await lakeOf("max@contoso.com");
    const list = () => asMax.listPaths().next();
    await expect(list()).rejects.toMatchObject({ code: "AuthorizationPermissionMismatch" });
    const roles = `${scope()}/providers/Microsoft.Authorization`;
    const principalId = "3a800000-5d3a-4f0e-8a51-0d9a1b2c3d03";
    const give = async (role: string) => {
      const filter = `$filter=${encodeURIComponent(`roleName eq '${role}'`)}`;
      const found = await call("ada@contoso.com", "GET", `${roles}/roleDefinitions?${filter}`);
      const [{ id: roleDefinitionId } = { id: "" }] = found.body.value as { id: string }[];
      const body = { properties: { roleDefinitionId, principalId } };
      const path = `${roles}/roleAssignments/${randomUUID()}`;
      expect((await call("ada@contoso.com", "PUT", path, body)).status).toBe(201);
    };
    await give("Owner");
    await expect(list()).rejects.toMatchObject({ code: "AuthorizationPermissionMismatch" });
    await give("Storage Blob Data Reader");
    await expect(list()).resolves.toMatchObject({ done: true });
  });

  it.each([
    [
      "an unknown subscription",
      "GET",
      "/subscriptions/00/resourcegroups",
      404,
      "SubscriptionNotFound",
    ],
    ["a group that is not there", "GET", "S/resourcegroups/nowhere", 404, "ResourceGroupNotFound"],
    [
      "a resource that nobody serves",
      "GET",
      "S/providers/Microsoft.Web/sites",
      404,
      "InvalidResourceType",
    ],
    [
      "deleting what holds the lake",
      "DELETE",
      "S/resourcegroups/notelake-practice",
      409,
      "ScopeLocked",
    ],
    [
      "a broken filter",
      "GET",
      "S/resourcegroups?$filter=nonsense",
      400,
      "InvalidFilterInQueryString",
    ],
  ])("refuses %s", async (_what, method, path, status, code) => {
    const reply = await call("ada@contoso.com", method, path.replace(/^S/, scope()));
    expect(reply.status).toBe(status);
    expect(reply.body.error).toMatchObject({ code });
  });

  it.each([
    ["without a location", {}, "LocationRequired"],
    ["in no region there is", { location: "atlantis" }, "LocationNotAvailableForResourceGroup"],
    ["with tags of another kind", { location: "eastus", tags: { a: 1 } }, "InvalidRequestContent"],
  ])("refuses a group %s", async (_what, body, code) => {
    const path = `${scope()}/resourcegroups/wrong`;
    const reply = await call("ada@contoso.com", "PUT", path, body);
    expect(reply.body.error).toMatchObject({ code });
  });

  it("refuses a role for somebody who does not exist, and a role that does not", async () => {
    const path = `${scope()}/providers/Microsoft.Authorization/roleAssignments`;
    const put = (name: string, properties: object) =>
      call("ada@contoso.com", "PUT", `${path}/${name}`, { properties });
    const nobody = { roleDefinitionId: READER, principalId: randomUUID() };
    expect((await put(randomUUID(), nobody)).body.error).toMatchObject({
      code: "PrincipalNotFound",
    });
    const { objectId: principalId } = served.identities.user;
    const norole = { roleDefinitionId: randomUUID(), principalId };
    expect((await put(randomUUID(), norole)).body.error).toMatchObject({
      code: "RoleDefinitionDoesNotExist",
    });
    expect((await put("no-guid", nobody)).body.error).toMatchObject({
      code: "InvalidRoleAssignmentId",
    });
  });

  it("wants a version and a token meant for it", async () => {
    const bare = await request(served.cloud, `${served.origin}/subscriptions?api-version=1`);
    expect(bare.status).toBe(401);
    expect(bare.body.error).toMatchObject({ code: "AuthenticationFailed" });
    const storage = await userToken(
      served,
      "ada@contoso.com",
      "https://storage.azure.com/.default",
    );
    const wrong = await request(served.cloud, `${served.origin}/subscriptions?api-version=1`, {
      headers: { authorization: `Bearer ${storage}` },
    });
    expect(wrong.status).toBe(401);
    expect(wrong.body.error).toMatchObject({ code: "InvalidAuthenticationTokenAudience" });
    const token = await userToken(served, "ada@contoso.com", SCOPE);
    const headers = { authorization: `Bearer ${token}` };
    const unversioned = await request(served.cloud, `${served.origin}/subscriptions`, { headers });
    expect(unversioned.body.error).toMatchObject({ code: "MissingApiVersionParameter" });
    const forged = `Bearer ${token.slice(0, -6)}AAAAAA`;
    const bad = await request(served.cloud, `${served.origin}/subscriptions?api-version=1`, {
      headers: { authorization: forged },
    });
    expect(bad.status).toBe(401);
  });

  it("keeps groups and roles with the practice cloud's folder", async () => {
    const dir = mkdtempSync(join(tmpdir(), "notelake-test-"));
    try {
      const first = await serveCloud({ dir });
      const token = await userToken(first, "ada@contoso.com", SCOPE);
      const url = (cloud: ServedCloud) =>
        `${cloud.origin}/subscriptions/${cloud.subscriptionId}/resourcegroups/kept?api-version=1`;
      const headers = { authorization: `Bearer ${token}` };
      const body = JSON.stringify({ location: "uksouth" });
      const made = await request(first.cloud, url(first), { method: "PUT", headers, body });
      expect(made.status).toBe(201);
      const assignment = (cloud: ServedCloud) =>
        `${cloud.origin}/subscriptions/${cloud.subscriptionId}/providers` +
        `/Microsoft.Authorization/roleAssignments/${name}?api-version=2022-04-01`;
      const name = randomUUID();
      const principalId = first.identities.user.objectId;
      const given = await request(first.cloud, assignment(first), {
        method: "PUT",
        headers,
        body: JSON.stringify({ properties: { roleDefinitionId: OWNER, principalId } }),
      });
      expect(given.status).toBe(201);
      await first.close();
      const second = await serveCloud({ dir });
      // The key that signed the token is kept as well, so the token still holds.
      const found = await request(second.cloud, url(second), { headers });
      expect(found.body.location).toBe("uksouth");
      const held = await request(second.cloud, assignment(second), { headers });
      expect(held.body.properties).toMatchObject({ principalId });
      await second.close();
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});
