import { LakeError } from "../core/errors.ts";
import { isTokenCredential, type LakeCredential } from "./lake-credential.ts";
import { badPath, checkPath, type LakeAddress, type LakeLocation, quote } from "./url/location.ts";

/** Host of OneLake, without the region that may be before it. */
export const ONELAKE_HOST = "onelake.dfs.fabric.microsoft.com";

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether a lake is a workspace of OneLake, which supports less than a storage account does. */
export function isOneLake({ host }: LakeAddress): boolean {
  return host?.endsWith(ONELAKE_HOST) === true;
}

/** A place in OneLake, by the names or ids in a URL. @throws LakeError with code `BAD_PATH` */
export function locateOnOneLake(
  text: string,
  at: { account: string; host: string },
  workspace: string,
  path: string,
): LakeLocation {
  if (
    !workspace.trim() ||
    workspace.length > 256 ||
    /[/\\?#@:]|\p{Cc}|\p{Surrogate}/u.test(workspace)
  ) {
    throw badPath(
      workspace ? `${quote(workspace)} cannot be a workspace` : `${quote(text)} names no workspace`,
      `The form is abfss://WORKSPACE@${ONELAKE_HOST}/ITEM.Lakehouse/Files/…, with names or ids.`,
    );
  }
  const address = { generation: 2, ...at, fileSystem: workspace } as const;
  const clean = checkPath(path);
  checkItem(address, clean);
  return { ...address, path: clean };
}

/**
 * Refuses a path that does not begin with an item: its name and type, or its id where the workspace is
 * given by id. A name with a wildcard is not checked.
 *
 * @throws LakeError with code `BAD_PATH`
 */
export function checkItem({ fileSystem }: LakeAddress, path: string): void {
  const [item = ""] = path.split("/");
  if (item === "" || /[*?[\]{}]/.test(item)) return;
  if (GUID.test(item) !== GUID.test(fileSystem)) {
    throw badPath(
      `${quote(path)} mixes names and ids`,
      "OneLake takes the names of both the workspace and the item, or the ids of both.",
    );
  }
  if (GUID.test(item) || /.\.[a-z]+$/i.test(item)) return;
  throw badPath(
    `${quote(path)} does not say of which type ${item} is`,
    `A path begins with an item and its type: ${item}.Lakehouse/Files/…`,
  );
}

/**
 * From names in a listing of `directory` to paths with the item as it was requested: OneLake may list
 * it by its id, or in another case.
 */
export function withItemOf(directory: string): (name: string) => string {
  const [item = ""] = directory.split("/");
  return (name) => {
    const [first = "", ...rest] = name.split("/");
    const isSame =
      first.toLowerCase() === item.toLowerCase() || GUID.test(first) !== GUID.test(item);
    return item !== "" && isSame ? [item, ...rest].join("/") : name;
  };
}

/**
 * Refuses to create, move or remove what Fabric manages: items, and the first folders in them.
 *
 * @throws LakeError with code `MANAGED`
 */
export function refuseManaged(address: LakeAddress, path: string): void {
  if (!isOneLake(address)) return;
  const names = path.split("/");
  // Only the folders of a lakehouse are known.
  const isFolder = !/\.lakehouse$/i.test(names[0] ?? "") || /^(Files|Tables)$/.test(names[1] ?? "");
  if (names.length > 2 && isFolder) return;
  const what =
    names.length > 2 ? "the folders in an item" : names.length > 1 ? "this place" : "an item";
  throw new LakeError("MANAGED", `Fabric manages ${what}: ${quote(path)} cannot be written`, {
    hint: `Write below ${names[0]}/Files/ or ${names[0]}/Tables/; items are made and removed in Fabric.`,
  });
}

/** Refuses operations that only Fabric has. @throws LakeError with code `MANAGED` */
export function refuseFabricOperation(address: LakeAddress, what: "workspaces" | "access"): void {
  if (!isOneLake(address)) return;
  throw what === "workspaces"
    ? new LakeError("MANAGED", "a workspace of OneLake is made and deleted in Fabric", {
        hint: "Use app.fabric.microsoft.com, or its REST interface.",
      })
    : new LakeError("MANAGED", "OneLake has no access control lists", {
        hint: "In Fabric, give a role in the workspace, or a OneLake security role of the item.",
      });
}

/** SAS parameters that OneLake does not support. */
const UNSUPPORTED = "saoid suoid scid ses sip rscc rscd rsce rscl rsct".split(" ");

/**
 * Refuses account keys, and the kinds of signatures that OneLake does not accept.
 *
 * @see https://learn.microsoft.com/fabric/onelake/how-to-create-a-onelake-shared-access-signature
 * @throws LakeError with code `UNAUTHENTICATED`
 */
export function checkOneLakeCredential(credential: LakeCredential): void {
  if (isTokenCredential(credential)) return;
  const refuse = (why: string) =>
    new LakeError("UNAUTHENTICATED", `OneLake does not accept this credential: ${why}`, {
      hint: "Sign in, or bring a user delegation signature for a file or a directory.",
    });
  if (!("sas" in credential)) throw refuse("it has no account keys");
  const sas = new URLSearchParams(credential.sas.replace(/^\?/, ""));
  if (!sas.has("skoid")) throw refuse("the signature is not a user delegation signature");
  if (!["b", "d"].includes(sas.get("sr") ?? "")) {
    throw refuse("the signature is not for a file or a directory");
  }
  const unsupported = UNSUPPORTED.filter((name) => sas.has(name));
  if (unsupported.length > 0) throw refuse(`the signature has ${unsupported.join(", ")}`);
}
