// Not by import: an older Node.js, which has no such module, could not report its version.
const sqlite = process.getBuiltinModule("node:sqlite");

export const DatabaseSync = sqlite.DatabaseSync;
export type DatabaseSync = InstanceType<typeof DatabaseSync>;
