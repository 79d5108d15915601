import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { ResourceManagementClient } from "@azure/arm-resources";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ServedManagement, serveManagement } from "./management-client.ts";
import { request, type ServedCloud, serveCloud, userToken } from "./served-cloud.ts";

const SCOPE = "https://management.azure.com/.default";
const OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";

describe("Azure Resource Manager", () => {
  let arm: ServedManagement;
  beforeAll(async () => {
    arm = await serveManagement();
  });
  afterAll(() => arm.close());

  async function groupNames(of: ResourceManagementClient) {
    const names: string[] = [];
    for await (const group of of.resourceGroups.list()) names.push(group.name ?? "");
    return names;
  }

  it("makes, finds, changes, lists and deletes resource groups for the stock client", async () => {
    const { resourceGroups } = arm.asService();
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
    expect(await groupNames(arm.asService())).toEqual(["made-here", "notelake-practice"]);
    await resourceGroups.delete("made-here", { updateIntervalInMs: 10 });
    expect((await resourceGroups.checkExistence("made-here")).body).toBe(false);
    expect(await groupNames(arm.asService())).toEqual(["notelake-practice"]);
  });

  it("reports a deletion as under way before it is done", async () => {
    await arm.asService().resourceGroups.createOrUpdate("short-lived", { location: "eastus" });
    const accepted = await arm.call(
      "ada@contoso.com",
      "DELETE",
      `${arm.scope}/resourcegroups/short-lived`,
    );
    expect(accepted.status).toBe(202);
    expect(accepted.header("retry-after")).toBe("1");
    const { pathname } = new URL(accepted.header("location") ?? "");
    expect((await arm.call("ada@contoso.com", "GET", pathname)).status).toBe(202);
    expect((await arm.call("ada@contoso.com", "GET", pathname)).status).toBe(200);
  });

  it("pages a list by $top", async () => {
    const groups = arm.asService();
    await groups.resourceGroups.createOrUpdate("second", { location: "eastus" });
    const names: string[] = [];
    for await (const group of groups.resourceGroups.list({ top: 1 })) names.push(group.name ?? "");
    expect(names).toEqual(["notelake-practice", "second"]);
    await groups.resourceGroups.delete("second", { updateIntervalInMs: 10 });
  });

  it("lets a reader read, and refuses the rest in the service's own words", async () => {
    const max = await arm.as("max@contoso.com");
    expect(await groupNames(max)).toEqual(["notelake-practice"]);
    const id = String((await arm.call("max@contoso.com", "GET", "/tenants")).status);
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
        `'${arm.scope}/resourceGroups/refused' or the scope is invalid. If access was recently ` +
        `granted, please refresh your credentials.`,
    });
  });

  it("shows the tenant, and the subscription to those who have a role in it", async () => {
    const tenants = await arm.call("grace@contoso.com", "GET", "/tenants");
    expect(tenants.body.value).toMatchObject([{ tenantId: arm.tenantId }]);
    const list = await arm.call("grace@contoso.com", "GET", "/subscriptions");
    expect(list.body.value).toMatchObject([{ subscriptionId: arm.subscriptionId }]);
    const places = await arm.call("grace@contoso.com", "GET", `${arm.scope}/locations`);
    expect(places.body.value).toContainEqual(expect.objectContaining({ name: "westeurope" }));
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
    const reply = await arm.call("ada@contoso.com", method, path.replace(/^S/, arm.scope));
    expect(reply.status).toBe(status);
    expect(reply.body.error).toMatchObject({ code });
  });

  it.each([
    ["without a location", {}, "LocationRequired"],
    ["in no region there is", { location: "atlantis" }, "LocationNotAvailableForResourceGroup"],
    ["with tags of another kind", { location: "eastus", tags: { a: 1 } }, "InvalidRequestContent"],
  ])("refuses a group %s", async (_what, body, code) => {
    const path = `${arm.scope}/resourcegroups/wrong`;
    const reply = await arm.call("ada@contoso.com", "PUT", path, body);
    expect(reply.body.error).toMatchObject({ code });
  });

  it("wants a version and a token meant for it", async () => {
    const bare = await request(arm.cloud, `${arm.origin}/subscriptions?api-version=1`);
    expect(bare.status).toBe(401);
    expect(bare.body.error).toMatchObject({ code: "AuthenticationFailed" });
    const storage = await userToken(arm, "ada@contoso.com", "https://storage.azure.com/.default");
    const wrong = await request(arm.cloud, `${arm.origin}/subscriptions?api-version=1`, {
      headers: { authorization: `Bearer ${storage}` },
    });
    expect(wrong.status).toBe(401);
    expect(wrong.body.error).toMatchObject({ code: "InvalidAuthenticationTokenAudience" });
    const token = await userToken(arm, "ada@contoso.com", SCOPE);
    const headers = { authorization: `Bearer ${token}` };
    const unversioned = await request(arm.cloud, `${arm.origin}/subscriptions`, { headers });
    expect(unversioned.body.error).toMatchObject({ code: "MissingApiVersionParameter" });
    const forged = `Bearer ${token.slice(0, -6)}AAAAAA`;
    const bad = await request(arm.cloud, `${arm.origin}/subscriptions?api-version=1`, {
      headers: { authorization: forged },
    });
    expect(bad.status).toBe(401);
  });

  it("keeps groups and roles with the practice cloud's folder", async () => {
    const dir = join(arm.folder, "kept");
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
  });
});
