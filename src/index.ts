export type { SignInOptions } from "./auth/methods.ts";
export type { Session } from "./auth/session.ts";
export { type ConnectedCloud, connect, openLake, signIn } from "./connect.ts";
export type { CloudName } from "./core/cloud.ts";
export {
  CloudError,
  FrameError,
  LakeError,
  NotelakeError,
  SignInError,
} from "./core/errors.ts";
export type { CloudSettings } from "./core/settings.ts";
export type { Account, SignInPrompt, SignInReport } from "./core/sign-in.ts";
export type { Lake, LakeEntry } from "./lake/lake.ts";
