import { expect } from "vitest";
import { type Person, serveLake } from "./served-lake.ts";

/** Bob holds no role: whatever he may do, an access list lets him. */
export const BOB = "id-of-bob";

/** The list of a directory that lets Bob through. */
export const OPEN = `user::rwx,user:${BOB}:--x,group::r-x,other::---`;

/** What the service answers to whom it does not let do something. */
export const forbidden = { statusCode: 403, code: "AuthorizationPermissionMismatch" };

/** A practice lake with a file system `raw`, and the access lists in it. */
export async function serveAccess() {
  const lake = await serveLake({ "raw/readme.txt": "hello" });
  return {
    ...lake,
    raw: (person: Person = "owner") => lake.client(person).getFileSystemClient("raw"),
    /** Sets an access list from its text form, as any client of the wire could. */
    setAcl: async (path: string, acl: string, headers = {}) => {
      const answer = await lake.send({
        method: "PATCH",
        target: `/raw/${path}?action=setAccessControl`,
        headers: { "x-ms-acl": acl, ...headers },
      });
      expect([answer.status, answer.body.toString()]).toEqual([200, ""]);
    },
    aclOf: async (path: string) => {
      const { headers } = await lake.send({
        method: "HEAD",
        target: `/raw/${path}?action=getAccessControl`,
      });
      return {
        acl: headers["x-ms-acl"],
        permissions: headers["x-ms-permissions"],
        owner: headers["x-ms-owner"],
        group: headers["x-ms-group"],
      };
    },
  };
}

export type ServedAccess = Awaited<ReturnType<typeof serveAccess>>;
