export type { ResourceGroup, Subscription } from "./account/subscription.ts";
export type { SignInOptions } from "./auth/methods.ts";
export type { Session } from "./auth/session.ts";
export { type ConnectedCloud, connect, openLake, openSubscription, signIn } from "./connect.ts";
export type { CloudName } from "./core/cloud.ts";
export {
  AccountError,
  CloudError,
  FrameError,
  LakeError,
  NotelakeError,
  SignInError,
} from "./core/errors.ts";
export type { CloudSettings } from "./core/settings.ts";
export type { Account, SignInPrompt, SignInReport } from "./core/sign-in.ts";
export type { Lake, LakeEntry } from "./lake/lake.ts";
