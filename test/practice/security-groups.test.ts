import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ServedManagement, serveManagement } from "./management-client.ts";
import { claimsOf, lakeClient, request, userToken } from "./served-cloud.ts";

const STORAGE = "https://storage.azure.com/.default";
const MARY = "mary@contoso.com";
const READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1";
const OWNER = "b7e6dc6d-f1e8-4753-8033-0f276bb0955b";

describe("groups of the practice directory", () => {
  let arm: ServedManagement;
  beforeAll(async () => {
    arm = await serveManagement();
  });
  afterAll(() => arm.close());

  const groupNamed = (wanted: string) => {
    const found = arm.groups.find(({ name }) => name === wanted);
    if (!found) throw new Error(`there is no group ${wanted}`);
    return found;
  };

  const raw = async (user: string) => (await lakeClient(arm, user)).getFileSystemClient("raw");

  /** Gives a role, and takes it away again after the work. */
  async function withRole(principalId: string, role: string, work: () => Promise<void>) {
    const roles = `${arm.scope}/providers/Microsoft.Authorization`;
    const path = `${roles}/roleAssignments/${randomUUID()}`;
    const roleDefinitionId = `${roles}/roleDefinitions/${role}`;
    const body = { properties: { roleDefinitionId, principalId } };
    const made = await arm.call("ada@contoso.com", "PUT", path, body);
    expect(made.status).toBe(201);
    try {
      await work();
    } finally {
      await arm.call("ada@contoso.com", "DELETE", path);
    }
  }

  it("are described, on the home page too", async () => {
    expect(groupNamed("analysts").members).toEqual([MARY]);
    expect(groupNamed("data-team").members).toEqual(["analysts", "grace@contoso.com"]);
    const { text } = await request(arm.cloud, arm.pages);
    for (const { id, name } of arm.groups) {
      expect(text).toContain(id);
      expect(text).toContain(name);
    }
  });

  it("are in the tokens of their members, those of their groups as well", async () => {
    const groupsOf = async (user: string) => claimsOf(await userToken(arm, user, STORAGE)).groups;
    const [analysts, team] = [groupNamed("analysts").id, groupNamed("data-team").id];
    expect(await groupsOf(MARY)).toEqual([analysts, team]);
    expect(await groupsOf("grace@contoso.com")).toEqual([team]);
    expect(await groupsOf("max@contoso.com")).toBeUndefined();
  });

  it.each(["analysts", "data-team"])("let their members in by an access list: %s", async (name) => {
    const mary = await raw(MARY);
    const list = async () => (await mary.listPaths({ recursive: false }).next()).done;
    await expect(list()).rejects.toMatchObject({ code: "AuthorizationPermissionMismatch" });
    await withRole("ada10000-5d3a-4f0e-8a51-0d9a1b2c3d01", OWNER, async () => {
      const root = (await raw("ada@contoso.com")).getDirectoryClient("");
      const { acl } = await root.getAccessControl();
      const entry = {
        accessControlType: "group" as const,
        entityId: groupNamed(name).id,
        defaultScope: false,
        permissions: { read: true, write: false, execute: true },
      };
      await root.setAccessControl([...acl, entry]);
      expect(await list()).toBe(false);
      await root.setAccessControl(acl);
    });
    await expect(list()).rejects.toMatchObject({ code: "AuthorizationPermissionMismatch" });
  });

  it("are given roles, which their members then have", async () => {
    const { id } = groupNamed("data-team");
    const mary = await raw(MARY);
    const list = async () => (await mary.listPaths({ recursive: false }).next()).done;
    const subscriptions = async () =>
      (await arm.call(MARY, "GET", "/subscriptions")).body.value as unknown[];
    expect(await subscriptions()).toEqual([]);
    await withRole(id, READER, async () => {
      expect(await list()).toBe(false);
      expect(await subscriptions()).toHaveLength(1);
      const { oid } = claimsOf(await userToken(arm, MARY, STORAGE));
      const assignments = async (filter: string) => {
        const path = `${arm.scope}/providers/Microsoft.Authorization/roleAssignments`;
        const query = `$filter=${encodeURIComponent(filter)}`;
        const { body } = await arm.call("ada@contoso.com", "GET", `${path}?${query}`);
        return (body.value as { properties: object }[]).map(({ properties }) => properties);
      };
      expect(await assignments(`assignedTo('${oid}')`)).toMatchObject([
        { principalId: id, principalType: "Group" },
      ]);
      expect(await assignments(`principalId eq '${oid}'`)).toEqual([]);
    });
    await expect(list()).rejects.toMatchObject({ code: "AuthorizationPermissionMismatch" });
  });
});
