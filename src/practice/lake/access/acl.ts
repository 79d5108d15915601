import type { Node } from "../storage/node.ts";
import { refuse } from "../wire/refusals.ts";

/** One entry of a POSIX access control list; an empty `id` means the owner or the owning group. */
export interface AclEntry {
  readonly isDefault: boolean;
  readonly type: "user" | "group" | "mask" | "other";
  readonly id: string;
  /** r = 4, w = 2, x = 1. */
  readonly bits: number;
}

export const STICKY = 0o1000;
const TYPES = ["user", "group", "mask", "other"] as const;

const BITS_TEXT = ["---", "--x", "-w-", "-wx", "r--", "r-x", "rw-", "rwx"] as const;

export function bitsText(bits: number): string {
  return BITS_TEXT[bits & 7] ?? "---";
}

export function entryText({ isDefault, type, id, bits }: AclEntry): string {
  return `${isDefault ? "default:" : ""}${type}:${id}:${bitsText(bits)}`;
}

/** Entries in the order that the service lists them. */
export function aclText(entries: readonly AclEntry[]): string {
  return entries.map(entryText).join(",");
}

/**
 * Reads `user::rwx,default:group:id:r-x`.
 *
 * @param isRemoval for entries to remove, which have no permissions
 * @throws Refusal for any other text
 */
export function parseAcl(text: string, isRemoval = false): AclEntry[] {
  return text
    .split(",")
    .filter((part) => part.trim() !== "")
    .map((part) => parseEntry(part.trim(), isRemoval));
}

function parseEntry(text: string, isRemoval: boolean): AclEntry {
  const parts = text.split(":");
  const isDefault = parts[0] === "default";
  const [type, id = "", bits = ""] = isDefault ? parts.slice(1) : parts;
  const known = TYPES.find((name) => name === type);
  const isShort = isRemoval && bits === "";
  if (!known || parts.length > (isDefault ? 4 : 3)) throw refuse("InvalidInput");
  if (!isShort && !/^[r-][w-][xtT-]$/.test(bits)) throw refuse("InvalidInput");
  if (id !== "" && (known === "mask" || known === "other")) throw refuse("InvalidInput");
  return { isDefault, type: known, id, bits: readBits(bits) };
}

/** 5 of `r-x`. */
export function readBits(text: string): number {
  return (
    (text[0] === "r" ? 4 : 0) | (text[1] === "w" ? 2 : 0) | (/[xt]/.test(text[2] ?? "") ? 1 : 0)
  );
}

/** Every entry of a node; without an extended list, the three that its mode has. */
export function aclOf(node: Pick<Node, "mode" | "acl">): AclEntry[] {
  return node.acl === null ? minimalAcl(node.mode) : parseAcl(node.acl);
}

function minimalAcl(mode: number): AclEntry[] {
  const entry = (type: AclEntry["type"], shift: number) =>
    ({ isDefault: false, type, id: "", bits: (mode >> shift) & 7 }) as const;
  return [entry("user", 6), entry("group", 3), entry("other", 0)];
}

/** The entry of a list for somebody. */
export const findEntry = (entries: readonly AclEntry[], type: AclEntry["type"], id = "") =>
  entries.find((entry) => entry.type === type && entry.id === id);

/**
 * The list of a node after `given` is set: access entries for owner, group and others that are not
 * given stay, and all of them when only default entries are given. Default entries are replaced.
 *
 * @throws Refusal for default entries of a file, and for duplicate entries
 */
export function wholeAcl(
  given: readonly AclEntry[],
  node: Pick<Node, "mode" | "acl" | "directory">,
): AclEntry[] {
  if (!node.directory && given.some(({ isDefault }) => isDefault)) throw refuse("InvalidInput");
  const kept = aclOf(node).filter(({ isDefault }) => !isDefault);
  if (given.every(({ isDefault }) => isDefault)) return normaliseAcl([...kept, ...given]);
  const isGiven = (type: AclEntry["type"]) =>
    given.some((entry) => !entry.isDefault && entry.type === type && entry.id === "");
  const own = minimalAcl(node.mode).map((entry) => findEntry(kept, entry.type) ?? entry);
  return normaliseAcl([...own.filter(({ type }) => !isGiven(type)), ...given]);
}

/**
 * Completes a list with the masks that named entries need and, if there are default entries, those for
 * owner, group and others; in the order of the service.
 *
 * @throws Refusal when an access entry for owner, group or others is missing, or an entry is duplicate
 */
export function normaliseAcl(entries: readonly AclEntry[]): AclEntry[] {
  const access = entries.filter(({ isDefault }) => !isDefault);
  const defaults = entries.filter(({ isDefault }) => isDefault);
  for (const type of ["user", "group", "other"] as const) {
    const own = findEntry(access, type);
    if (!own) throw refuse("InvalidInput");
    if (defaults.length > 0 && !findEntry(defaults, type))
      defaults.push({ ...own, isDefault: true });
  }
  return [...withMask(access), ...withMask(defaults)];
}

function withMask(entries: readonly AclEntry[]): AclEntry[] {
  const keys = entries.map(({ type, id }) => `${type}:${id}`);
  if (new Set(keys).size !== keys.length) throw refuse("InvalidInput");
  const all = [...entries];
  const [first] = all;
  if (first && all.some(({ id }) => id !== "") && !findEntry(all, "mask")) {
    const masked = all.filter(({ type, id }) => type === "group" || (type === "user" && id !== ""));
    const bits = masked.reduce((sum, entry) => sum | entry.bits, 0);
    all.push({ isDefault: first.isDefault, type: "mask", id: "", bits });
  }
  const rank = ({ type, id }: AclEntry) => TYPES.indexOf(type) * 2 + (id === "" ? 0 : 1);
  return all.sort((one, two) => rank(one) - rank(two));
}

/** The mode of a whole list, and the list itself where it has more than the mode. */
export function asStored(entries: readonly AclEntry[], sticky: number): Pick<Node, "mode" | "acl"> {
  const access = entries.filter(({ isDefault }) => !isDefault);
  const group = findEntry(access, "mask") ?? findEntry(access, "group");
  const mode =
    ((findEntry(access, "user")?.bits ?? 0) << 6) |
    ((group?.bits ?? 0) << 3) |
    (findEntry(access, "other")?.bits ?? 0) |
    (sticky & STICKY);
  return { mode, acl: entries.length > 3 ? aclText(entries) : null };
}

/** A list with `changes` in place of the entries of the same name. */
export function mergeAcl(entries: readonly AclEntry[], changes: readonly AclEntry[]): AclEntry[] {
  const kept = without(entries, changes);
  // A mask that is not given is computed from the entries again.
  const isMaskGiven = (isDefault: boolean) =>
    changes.some((entry) => entry.type === "mask" && entry.isDefault === isDefault);
  const unmasked = kept.filter((entry) => entry.type !== "mask" || isMaskGiven(entry.isDefault));
  return normaliseAcl([...unmasked, ...changes]);
}

/** A list without `removals`; the access entries of owner, group and others cannot be removed. */
export function removeFromAcl(
  entries: readonly AclEntry[],
  removals: readonly AclEntry[],
): AclEntry[] {
  if (removals.some(({ isDefault, type, id }) => !isDefault && type !== "mask" && id === "")) {
    throw refuse("InvalidInput");
  }
  const kept = without(entries, removals);
  const named = (isDefault: boolean) =>
    kept.some((entry) => entry.isDefault === isDefault && entry.id !== "");
  return normaliseAcl(kept.filter(({ type, isDefault }) => type !== "mask" || named(isDefault)));
}

function without(entries: readonly AclEntry[], gone: readonly AclEntry[]): AclEntry[] {
  const key = ({ isDefault, type, id }: AclEntry) => `${isDefault}:${type}:${id}`;
  const keys = new Set(gone.map(key));
  return entries.filter((entry) => !keys.has(key(entry)));
}

/** A node's list with another mode: in an extended list, the group bits set the mask. */
export function withMode(
  node: Pick<Node, "mode" | "acl">,
  mode: number,
): Pick<Node, "mode" | "acl"> {
  if (node.acl === null) return { mode, acl: null };
  const entries = aclOf(node);
  const hasMask = entries.some(({ isDefault, type }) => !isDefault && type === "mask");
  const bitsOf = ({ type, bits }: AclEntry) => {
    if (type === "user") return (mode >> 6) & 7;
    if (type === "other") return mode & 7;
    return type === "mask" || !hasMask ? (mode >> 3) & 7 : bits;
  };
  const changed = entries.map((entry) =>
    entry.isDefault || entry.id !== "" ? entry : { ...entry, bits: bitsOf(entry) },
  );
  return asStored(changed, mode);
}

/**
 * Mode and list that a new node inherits from its parent's default entries; undefined without such.
 *
 * @param mode requested permissions, which only restrict the inherited ones
 */
export function inherit(
  parent: Pick<Node, "mode" | "acl">,
  isDirectory: boolean,
  mode: number,
): Pick<Node, "mode" | "acl"> | undefined {
  const defaults = aclOf(parent).filter(({ isDefault }) => isDefault);
  if (defaults.length === 0) return undefined;
  const access = defaults.map((entry) => ({ ...entry, isDefault: false }));
  const stored = asStored(isDirectory ? [...access, ...defaults] : access, mode);
  return withMode(stored, (stored.mode & mode & 0o777) | (mode & STICKY));
}

/**
 * Reads `0750`, `1750` or `rwxr-x--T`.
 *
 * @throws Refusal for anything else
 */
export function parseMode(text: string): number {
  if (/^[01]?[0-7]{3}$/.test(text)) return Number.parseInt(text, 8);
  const match = /^([r-][w-][x-])([r-][w-][x-])([r-][w-][xtT-])\+?$/.exec(text);
  if (!match) throw refuse("InvalidInput");
  const [owner = 0, group = 0, other = 0] = match.slice(1, 4).map(readBits);
  return (owner << 6) | (group << 3) | other | (/[tT]/.test(match[3] ?? "") ? STICKY : 0);
}
