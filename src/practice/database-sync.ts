// Not by import: an older Node.js has no such module, and could not link what imports it to say so.
const sqlite = process.getBuiltinModule("node:sqlite");

export const DatabaseSync = sqlite.DatabaseSync;
export type DatabaseSync = InstanceType<typeof DatabaseSync>;
