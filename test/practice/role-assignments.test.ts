import { randomUUID } from "node:crypto";
import { AuthorizationManagementClient } from "@azure/arm-authorization";
import type { TokenCredential } from "@azure/identity";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ServedManagement, serveManagement } from "./management-client.ts";
import { lakeClient } from "./served-cloud.ts";

const SCOPE = "https://management.azure.com/.default";
const OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
const READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7";

describe("roles in Azure Resource Manager", () => {
  let arm: ServedManagement;
  beforeAll(async () => {
    arm = await serveManagement();
  });
  afterAll(() => arm.close());

  it("gives a role and takes it away again, by someone who may", async () => {
    const group = `${arm.scope}/resourceGroups/roles`;
    await arm.asService().resourceGroups.createOrUpdate("roles", { location: "westeurope" });
    const { objectId } = arm.identities.user;
    const path = `${group}/providers/Microsoft.Authorization/roleAssignments`;
    const roleDefinitionId = `${arm.scope}/providers/Microsoft.Authorization/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c`;
    const body = { properties: { roleDefinitionId, principalId: objectId } };
    const name = randomUUID();
    const refused = await arm.call("grace@contoso.com", "PUT", `${path}/${name}`, body);
    expect(refused.body.error).toMatchObject({ code: "AuthorizationFailed" });
    const made = await arm.call("ada@contoso.com", "PUT", `${path}/${name}`, body);
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      name,
      properties: { principalId: objectId, principalType: "ServicePrincipal", scope: group },
    });
    const twice = await arm.call("ada@contoso.com", "PUT", `${path}/${randomUUID()}`, body);
    expect(twice.body.error).toMatchObject({ code: "RoleAssignmentExists" });
    const filter = `$filter=${encodeURIComponent(`principalId eq '${objectId}'`)}`;
    const listed = await arm.call("ada@contoso.com", "GET", `${path}?${filter}`);
    const at = (listed.body.value as { properties: { scope: string } }[]).map(
      ({ properties }) => properties.scope,
    );
    expect(at.sort()).toEqual([arm.scope, arm.scope, group]);
    const here = await arm.call("ada@contoso.com", "GET", `${path}/${name}`);
    expect(here.body.name).toBe(name);
    expect((await arm.call("ada@contoso.com", "DELETE", `${path}/${name}`)).status).toBe(200);
    expect((await arm.call("ada@contoso.com", "DELETE", `${path}/${name}`)).status).toBe(204);
    expect((await arm.call("ada@contoso.com", "GET", `${path}/${name}`)).status).toBe(404);
    await arm.asService().resourceGroups.delete("roles", { updateIntervalInMs: 10 });
  });

  /** Unless it is told its scope, this client asks for a token for its endpoint's own address. */
  function clientOf(credential: TokenCredential) {
    const options = { ...arm.options, credentialScopes: SCOPE };
    return new AuthorizationManagementClient(credential, arm.subscriptionId, options);
  }

  it("lets a contributor manage, but not give roles", async () => {
    const client = clientOf(arm.byService);
    const { clientId } = arm.service;
    const parameters = { roleDefinitionId: OWNER, principalId: arm.identities.user.objectId };
    await expect(
      client.roleAssignments.create(arm.scope, randomUUID(), parameters),
    ).rejects.toMatchObject({
      code: "AuthorizationFailed",
      // An application goes by its client id.
      message: expect.stringContaining(`The client '${clientId}' with object id`),
    });
  });

  it("lets the stock client give and take roles", async () => {
    const client = clientOf(await arm.credentialOf("ada@contoso.com"));
    const { roleDefinitions, roleAssignments } = client;
    const filter = "roleName eq 'Storage Blob Data Owner'";
    const { value: role } = await roleDefinitions.list(arm.scope, { filter }).next();
    expect(role).toMatchObject({ roleName: "Storage Blob Data Owner", roleType: "BuiltInRole" });
    const principalId = arm.identities.system.objectId;
    const parameters = { roleDefinitionId: role?.id ?? "", principalId };
    const name = randomUUID();
    const made = await roleAssignments.create(arm.scope, name, parameters);
    expect(made).toMatchObject({ name, principalId });
    const held: (string | undefined)[] = [];
    const of = { filter: `assignedTo('${principalId}')` };
    for await (const item of roleAssignments.listForSubscription(of)) held.push(item.name);
    expect(held).toContain(name);
    expect(await roleAssignments.delete(arm.scope, name)).toMatchObject({ name });
  });

  it("opens the lake to whom a data role is given, and not to an owner as such", async () => {
    const lakeOf = async (user: string) =>
      (await lakeClient(arm, user)).getFileSystemClient("role-test");
    await (await lakeOf("ada@contoso.com")).create();
    const asMax = await lakeOf("max@contoso.com");
    const list = () => asMax.listPaths().next();
    await expect(list()).rejects.toMatchObject({ code: "AuthorizationPermissionMismatch" });
    const roles = `${arm.scope}/providers/Microsoft.Authorization`;
    const principalId = "3a800000-5d3a-4f0e-8a51-0d9a1b2c3d03";
    const give = async (role: string) => {
      const filter = `$filter=${encodeURIComponent(`roleName eq '${role}'`)}`;
      const found = await arm.call("ada@contoso.com", "GET", `${roles}/roleDefinitions?${filter}`);
      const [{ id: roleDefinitionId } = { id: "" }] = found.body.value as { id: string }[];
      const body = { properties: { roleDefinitionId, principalId } };
      const path = `${roles}/roleAssignments/${randomUUID()}`;
      expect((await arm.call("ada@contoso.com", "PUT", path, body)).status).toBe(201);
    };
    await give("Owner");
    await expect(list()).rejects.toMatchObject({ code: "AuthorizationPermissionMismatch" });
    await give("Storage Blob Data Reader");
    await expect(list()).resolves.toMatchObject({ done: true });
  });

  it("refuses a role for somebody who does not exist, and a role that does not", async () => {
    const path = `${arm.scope}/providers/Microsoft.Authorization/roleAssignments`;
    const put = (name: string, properties: object) =>
      arm.call("ada@contoso.com", "PUT", `${path}/${name}`, { properties });
    const nobody = { roleDefinitionId: READER, principalId: randomUUID() };
    expect((await put(randomUUID(), nobody)).body.error).toMatchObject({
      code: "PrincipalNotFound",
    });
    const { objectId: principalId } = arm.identities.user;
    const norole = { roleDefinitionId: randomUUID(), principalId };
    expect((await put(randomUUID(), norole)).body.error).toMatchObject({
      code: "RoleDefinitionDoesNotExist",
    });
    expect((await put("no-guid", nobody)).body.error).toMatchObject({
      code: "InvalidRoleAssignmentId",
    });
  });
});
