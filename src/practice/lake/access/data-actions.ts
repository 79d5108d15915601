/** The permissions that an operation needs. */
interface Action {
  /** What a role must grant. */
  readonly role: "read" | "write" | "own";
  /** Letters of a SAS's permissions, one of which is enough. */
  readonly sas: string;
  /** Bits of the path's own access list; `x` on all directories above is always needed. */
  readonly self: number;
  /** Bits of the access list of its directory. */
  readonly parent: number;
}

/**
 * Permissions by operation. See, in the service's documents: the "Storage Blob Data" roles, "Specify
 * permissions" of a SAS, and "Common scenarios related to ACL permissions".
 */
export const ACTIONS = {
  read: { role: "read", sas: "r", self: 4, parent: 0 },
  status: { role: "read", sas: "re", self: 0, parent: 0 },
  list: { role: "read", sas: "l", self: 5, parent: 0 },
  create: { role: "write", sas: "cw", self: 0, parent: 3 },
  overwrite: { role: "write", sas: "w", self: 2, parent: 0 },
  append: { role: "write", sas: "aw", self: 2, parent: 0 },
  write: { role: "write", sas: "w", self: 2, parent: 0 },
  flush: { role: "write", sas: "wac", self: 2, parent: 0 },
  snapshot: { role: "write", sas: "cw", self: 2, parent: 0 },
  lease: { role: "write", sas: "wd", self: 2, parent: 0 },
  remove: { role: "write", sas: "d", self: 0, parent: 3 },
  moveFrom: { role: "write", sas: "md", self: 0, parent: 3 },
  moveTo: { role: "write", sas: "mcw", self: 0, parent: 3 },
  undelete: { role: "write", sas: "w", self: 0, parent: 3 },
  readAcl: { role: "read", sas: "er", self: 0, parent: 0 },
  writeAcl: { role: "own", sas: "p", self: 0, parent: 0 },
  changeOwner: { role: "own", sas: "o", self: 0, parent: 0 },
} as const satisfies Record<string, Action>;

export type ActionName = keyof typeof ACTIONS;

/** The same for a file system or an account, which have no access lists. */
export const WIDE_ACTIONS = {
  listFileSystems: { role: "read", sas: "l", type: "s" },
  readService: { role: "read", sas: "r", type: "s" },
  writeService: { role: "write", sas: "w", type: "s" },
  delegate: { role: "read", sas: "", type: "s" },
  createFileSystem: { role: "write", sas: "cw", type: "c" },
  readFileSystem: { role: "read", sas: "r", type: "c" },
  writeFileSystem: { role: "write", sas: "w", type: "c" },
  deleteFileSystem: { role: "write", sas: "d", type: "c" },
} as const satisfies Record<string, Pick<Action, "role" | "sas"> & { type: "s" | "c" }>;

export type WideActionName = keyof typeof WIDE_ACTIONS;
