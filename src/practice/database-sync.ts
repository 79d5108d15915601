// Node.js 22 says that SQLite is an experiment, in a line above what the user's own program
// prints, who has not chosen SQLite.
const { emitWarning } = process;
process.emitWarning = () => {};
// Not by import: an older Node.js, which has no such module, could not report its version.
const sqlite = process.getBuiltinModule("node:sqlite");
process.emitWarning = emitWarning;

export const DatabaseSync = sqlite.DatabaseSync;
export type DatabaseSync = InstanceType<typeof DatabaseSync>;
