/**
 * What notebooks import: sign in to Azure, work with a data lake, load its files into dataframes and
 * ask questions of them, and show what was found.
 *
 * @module notelake
 */
import "./core/refuse-old-node.ts";

export type { HeldRole } from "./account/held-roles.ts";
export type {
  LakeAccount,
  LakeAccounts,
  NameCheck,
  NewLakeAccount,
  ProvisioningStep,
} from "./account/lake-accounts.ts";
export type { RoleGrant } from "./account/roles.ts";
export type { NewResourceGroup, ResourceGroup, Subscription } from "./account/subscription.ts";
export type { VisibleAccount } from "./account/visible-accounts.ts";
export type { SignInOptions } from "./auth/methods.ts";
export type { Session } from "./auth/session.ts";
export { listAccounts, listFileSystems, listRoles } from "./connect/around.ts";
export { type ConnectedCloud, type ConnectOptions, connect } from "./connect/connection.ts";
export { doctor } from "./connect/doctor.ts";
export { loadFrame, type Query, query } from "./connect/frames.ts";
export { openAccounts, openLake, openSubscription } from "./connect/lake.ts";
export { signIn } from "./connect/sign-in.ts";
export type { Check } from "./core/check.ts";
export type { CloudName } from "./core/cloud.ts";
export type { Comm, CommData, CommExtras, CommMessage } from "./core/comm.ts";
export type { ErrorCode, ErrorCodes } from "./core/error-codes/error-codes.ts";
export {
  AccountError,
  CloudError,
  FrameError,
  LakeError,
  NotelakeError,
  SignInError,
} from "./core/errors.ts";
export type { Listing } from "./core/listing.ts";
export type { Account, SignInPrompt, SignInReport } from "./core/sign-in.ts";
export type { DataFrame, Series } from "./frames/danfo/danfo.ts";
export { describeHistory, type HistoryOptions } from "./frames/delta/history.ts";
export { type FileColumn, listColumns } from "./frames/list-columns.ts";
export type { LoadFrameOptions } from "./frames/load-frame.ts";
export type { LoadProgress } from "./frames/progress.ts";
export type { QueryOptions } from "./frames/query.ts";
export type { QueryPlan, TablePlan } from "./frames/query-plan.ts";
export {
  type WriteFrameOptions,
  type WrittenEntry,
  writeFrame,
  writeQuery,
} from "./frames/write-frame.ts";
export type { Lake, LakeEntry } from "./lake/lake.ts";
export type { OpenLakeOptions } from "./lake/open.ts";
export { type LocalFolder, openFolder } from "./lake/open-folder.ts";
export type { FileSystem } from "./lake/store.ts";
export { listUsage, type UsagePart } from "./lake/usage-list.ts";
export { openComm, registerCommTarget } from "./show/comm.ts";
export type { Displayable, MimeBundle } from "./show/display.ts";
export { clearOutput } from "./show/display.ts";
export { getpass, input } from "./show/input.ts";
export { type BarOptions, plotBar } from "./show/plot/bar.ts";
export type { Chart } from "./show/plot/chart.ts";
export { type HistogramOptions, plotHistogram } from "./show/plot/histogram.ts";
export { type LineOptions, plotLine } from "./show/plot/line.ts";
export { plotScatter, type ScatterOptions } from "./show/plot/scatter.ts";
export { collect } from "./show/table/collect.ts";
export type { Tabular } from "./show/table/columns.ts";
export { describe } from "./show/table/describe.ts";
export type { ColumnSummary } from "./show/table/summary.ts";
