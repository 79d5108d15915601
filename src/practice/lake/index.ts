export type { AccountKind } from "./account-stores.ts";
export type { Place } from "./find-by-path.ts";
export { type BlobService, openPracticeLake, type PracticeLake } from "./practice-lake.ts";
export { type AccountCheck, checkAccount, type Damage } from "./storage/check-account.ts";
export { type CorsRule, wrongWithRules } from "./storage/cors-rules.ts";
export { replaceLake } from "./storage/share-files.ts";
export type { Dialect } from "./wire/lake-call.ts";
