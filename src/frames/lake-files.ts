import type { Lake } from "../lake/lake.ts";

/** What loading asks of a lake. */
export type LakeFiles = Pick<Lake, "url" | "list" | "stat" | "exists" | "read" | "download">;
