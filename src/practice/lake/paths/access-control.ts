import {
  type AclEntry,
  aclOf,
  asStored,
  mergeAcl,
  parseAcl,
  parseMode,
  readBits,
  removeFromAcl,
  wholeAcl,
  withMode,
} from "../access/acl.ts";
import { demand, demandBits, demandGroup, isGranted } from "../access/demand.ts";
import { existing, type PathOperation } from "../access/operation.ts";
import { ownerHeaders, shownAcl } from "../access/permissions.ts";
import type { Node } from "../storage/node.ts";
import { type WalkedNode, walk } from "../storage/walk.ts";
import { answer, answerJson } from "../wire/answer.ts";
import { checkConditions } from "../wire/conditions.ts";
import { readToken, writeToken } from "../wire/continuation-token.ts";
import { count, flag, header } from "../wire/lake-call.ts";
import { checkLease } from "../wire/leases.ts";
import { versionHeaders } from "../wire/properties.ts";
import { refuse, refuseQuery } from "../wire/refusals.ts";

const MAX_RECORDS = 2_000;

/** HEAD ?action=getAccessControl: owner, group, mode and access list. */
export function getAccessControl(operation: PathOperation): void {
  demand(operation, "readAcl");
  const { call, nameOf } = operation;
  const node = existing(operation);
  checkConditions(call, node);
  answer(call, 200, {
    ...versionHeaders(node),
    ...ownerHeaders(node, nameOf),
    "x-ms-acl": shownAcl(node, nameOf),
    ...(call.oneLake && operation.caller.overrides),
  });
}

/** HEAD ?action=checkAccess: whether the caller has the bits that `fsAction` names. */
export function checkAccess(operation: PathOperation): void {
  const { call } = operation;
  const node = existing(operation);
  const text = call.query.get("fsaction") ?? "";
  if (!/^[r-][w-][x-]$/.test(text)) throw refuseQuery("fsaction", text);
  demandBits(operation, node, text.includes("w") ? "write" : "read", readBits(text));
  answer(call, 200);
}

/** PATCH ?action=setAccessControl: owner, group, and either mode or access list. */
export function setAccessControl(operation: PathOperation): void {
  const { call, store } = operation;
  const node = existing(operation);
  const owner = header(call, "x-ms-owner");
  const group = header(call, "x-ms-group");
  const permissions = header(call, "x-ms-permissions");
  const acl = header(call, "x-ms-acl");
  const isGiven = owner !== undefined && owner !== node.owner;
  const isRegrouped = group !== undefined && group !== node.group;
  if (isGiven) demand(operation, "changeOwner");
  if (isRegrouped) demandGroup(operation, node, group);
  if (!(isGiven || isRegrouped) || permissions !== undefined || acl !== undefined) {
    demand(operation, "writeAcl");
  }
  if ([owner, group, permissions, acl].every((value) => value === undefined)) {
    throw refuse("MissingRequiredHeader");
  }
  if (permissions !== undefined && acl !== undefined) throw refuse("InvalidInput");
  checkConditions(call, node);
  checkLease(call, node.lease, "write");
  const access =
    acl === undefined
      ? permissions === undefined
        ? {}
        : withMode(node, parseMode(permissions))
      : asStored(wholeAcl(parseAcl(acl), node), node.mode);
  const version = store.tree.touch(node.id, {
    ...access,
    ...(owner === undefined ? {} : { owner }),
    ...(group === undefined ? {} : { group }),
  });
  answer(call, 200, versionHeaders(version));
}

type Change = (node: Node) => AclEntry[];

function changeOf(operation: PathOperation): Change {
  const { call } = operation;
  const mode = call.query.get("mode") ?? "";
  const text = header(call, "x-ms-acl");
  if (text === undefined) throw refuse("MissingRequiredHeader");
  const entries = parseAcl(text, mode === "remove");
  const forFiles = entries.filter(({ isDefault }) => !isDefault);
  if (mode === "set") {
    return (node) => wholeAcl(node.directory ? entries : forFiles, node);
  }
  if (mode === "modify") return (node) => mergeAcl(aclOf(node), entries);
  if (mode === "remove") return (node) => removeFromAcl(aclOf(node), entries);
  throw refuseQuery("mode", mode);
}

/** PATCH ?action=setAccessControlRecursive: a directory and all in it, in pages. */
export function setAccessControlRecursive(operation: PathOperation): void {
  const { call, caller, store } = operation;
  const top = existing(operation);
  const change = changeOf(operation);
  const isOwner = isGranted(operation, "writeAcl");
  if (!isOwner) demand(operation, "writeAcl");
  const limit = Math.min(count(call, "maxrecords", MAX_RECORDS, 1), MAX_RECORDS);
  const isForced = flag(call, "forceflag");
  const token = call.query.get("continuation");
  const after = token ? tokenOf(token) : [];
  const start = { id: top.id, path: call.names.join("/") };
  const failed: { name: string; type: string; errorMessage: string }[] = [];
  const done = { files: 0, directories: 0 };
  let last: readonly string[] = [];
  let continuation: string | undefined;

  const items = function* (): Generator<WalkedNode, void, undefined> {
    // As in the service, an unknown token continues with nothing.
    if (after === undefined) return;
    if (!token) yield { node: top, path: start.path };
    if (top.directory) yield* walk(store.tree, start, true, after);
  };
  store.tree.transact(() => {
    for (const { node, path } of items()) {
      const seen = done.files + done.directories + failed.length;
      // Without `forceFlag`, a failure ends it without a continuation token.
      if (failed.length > 0 && !isForced) break;
      if (seen === limit) {
        continuation = writeToken(last);
        break;
      }
      if (isOwner || node.owner === caller.id) {
        changeNode(operation, node, change);
        if (node.directory) done.directories++;
        else done.files++;
      } else {
        const errorMessage =
          "This request is not authorized to perform this operation using this permission.";
        failed.push({ name: path, type: node.directory ? "DIRECTORY" : "FILE", errorMessage });
      }
      last = path
        .slice(start.path === "" ? 0 : start.path.length + 1)
        .split("/")
        .filter(Boolean);
    }
  });
  const body = {
    directoriesSuccessful: done.directories,
    filesSuccessful: done.files,
    failureCount: failed.length,
    failedEntries: failed,
  };
  answerJson(call, 200, JSON.stringify(body), {
    "x-ms-continuation": continuation,
    "x-ms-namespace-enabled": "true",
  });
}

/** Names of the last path that was changed; undefined for an unknown token. */
function tokenOf(token: string): string[] | undefined {
  try {
    return readToken("continuation", token);
  } catch {
    return undefined;
  }
}

function changeNode({ store }: PathOperation, node: Node, change: Change): void {
  const changed = change(node).filter(({ isDefault }) => node.directory || !isDefault);
  store.tree.change(node.id, asStored(changed, node.mode));
}
