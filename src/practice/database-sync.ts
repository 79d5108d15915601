export { DatabaseSync } from "../core/database-sync.ts";
