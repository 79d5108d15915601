export type { DataFrame, Series } from "danfojs-node";
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
export { type LoadFrameOptions, loadFrame } from "./frames/load-frame.ts";
export type { Lake, LakeEntry } from "./lake/lake.ts";
export type { Displayable, MimeBundle } from "./show/display.ts";
export { type BarOptions, plotBar } from "./show/plot/bar.ts";
export type { Chart } from "./show/plot/chart.ts";
export { type HistogramOptions, plotHistogram } from "./show/plot/histogram.ts";
export { type LineOptions, plotLine } from "./show/plot/line.ts";
export { plotScatter, type ScatterOptions } from "./show/plot/scatter.ts";
