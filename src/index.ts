/**
 * What notebooks import: sign in to Azure, work with a data lake, load its files into dataframes and
 * ask questions of them, and show what was found.
 *
 * @module notelake
 */
import "./core/refuse-old-node.ts";

export type {
  AccountCallOptions,
  LakeAccount,
  LakeAccountChange,
  LakeAccounts,
  NameCheck,
  NameCheckOptions,
  NewLakeAccount,
  ProvisioningStep,
} from "./account/lake-accounts.ts";
export type { ManagementOptions } from "./account/management-options.ts";
export type { LakeAccountsOptions } from "./account/open-accounts.ts";
export type { HeldRole, RoleGrant } from "./account/role-types.ts";
export type { NewResourceGroup, ResourceGroup, Subscription } from "./account/subscription.ts";
export type { VisibleAccount } from "./account/visible-accounts.ts";
export type { AutomaticOptions } from "./auth/chain.ts";
export type { BrowserOptions } from "./auth/methods/browser.ts";
export type { CertificateOptions } from "./auth/methods/certificate.ts";
export type { ClientSecretOptions } from "./auth/methods/client-secret.ts";
export type { ManagedIdentityOptions } from "./auth/methods/managed-identity.ts";
export type { PersonOptions, RememberOption } from "./auth/methods/person-options.ts";
export type { WorkloadIdentityOptions } from "./auth/methods/workload-identity.ts";
export type { CommonOptions, SignInOptions, TenantOptions } from "./auth/methods.ts";
export type { Session } from "./auth/sign-in-session.ts";
export { type ConnectedCloud, type ConnectOptions, connect } from "./connect/connection.ts";
export { doctor } from "./connect/doctor.ts";
export { loadFrame, type Query, query } from "./connect/frames.ts";
export type { AroundOptions } from "./connect/list-accounts.ts";
export { listAccounts, listFileSystems, listRoles } from "./connect/list-accounts.ts";
export type { OpenAccountsOptions } from "./connect/open-lake.ts";
export { openAccounts, openLake, openSubscription } from "./connect/open-lake.ts";
export type { PracticeMachine } from "./connect/practice-cloud.ts";
export type { ChangeOptions } from "./connect/read-only.ts";
export { signIn } from "./connect/sign-in.ts";
export type { Check } from "./core/check.ts";
export type { Cloud, CloudName, Loopback } from "./core/cloud.ts";
export type { Comm, CommData, CommExtras, CommMessage } from "./core/comm-types.ts";
export type { ErrorCode, ErrorCodes } from "./core/error-codes/error-codes.ts";
export type { ErrorFacts } from "./core/errors.ts";
export {
  AccountError,
  CloudError,
  FrameError,
  LakeError,
  NotelakeError,
  SignInError,
} from "./core/errors.ts";
export type { Listing, SortKey, SortOrder } from "./core/listing.ts";
export type {
  Account,
  BrowserPrompt,
  DeviceCodePrompt,
  PromptOutcome,
  SignInAttempt,
  SignInMethod,
  SignInPrompt,
  SignInReport,
} from "./core/sign-in-types.ts";
export type { LoadProgress, OnProgress } from "./frames/cache/load-progress.ts";
export type { DataFrame, Series } from "./frames/danfo/danfo-module.ts";
export { describeHistory, type HistoryOptions } from "./frames/delta/describe-history.ts";
export type { LakeFiles, WritableLake } from "./frames/lake-files.ts";
export type { TableOptions } from "./frames/lake-tables.ts";
export type { ListColumnsOptions } from "./frames/list-columns.ts";
export { type FileColumn, listColumns } from "./frames/list-columns.ts";
export type { LoadFrameOptions } from "./frames/load-frame.ts";
export type { QueryOptions } from "./frames/query.ts";
export type { QueryPlan, TablePlan } from "./frames/query-plan.ts";
export type { FileFormat } from "./frames/read/file-format.ts";
export type { ReadOptions as FileReadOptions } from "./frames/read/read-options.ts";
export type { FrameData } from "./frames/sql/frame-as-table.ts";
export type { Parameter, Parameters } from "./frames/sql/sql-parameters.ts";
export type { WriteFormat, WriteFrameOptions } from "./frames/write/write-options.ts";
export {
  type WrittenEntry,
  writeFrame,
  writeQuery,
} from "./frames/write-frame.ts";
export type { RetryPolicy } from "./lake/http/retry.ts";
export type {
  AclChanges,
  DownloadOptions,
  GlobOptions,
  Lake,
  LakeAccess,
  LakeCallOptions,
  LakeContent,
  LakeEntry,
  LakeUsage,
  ReadBytesOptions,
  ReadOptions,
  RemoveOptions,
  SetAclOptions,
  SyncOptions,
  SyncResult,
  TransferOptions,
  TransferProgress,
  WriteOptions,
} from "./lake/lake.ts";
export type { AccountKey, LakeCredential, SharedAccessSignature } from "./lake/lake-credential.ts";
export type { ListUsageOptions } from "./lake/list/usage-list.ts";
export { listUsage, type UsagePart } from "./lake/list/usage-list.ts";
export { type LocalFolder, openFolder } from "./lake/open-folder.ts";
export type { OpenLakeOptions } from "./lake/open-lake-in.ts";
export type { FileSystem } from "./lake/store.ts";
export type { SyncChange } from "./lake/sync/sync-plan.ts";
export { openComm, registerCommTarget } from "./show/comm-targets.ts";
export type { Displayable, MimeBundle } from "./show/display.ts";
export { clearOutput } from "./show/display.ts";
export { getpass, input } from "./show/input.ts";
export { type BarOptions, plotBar } from "./show/plot/bar.ts";
export type { Chart } from "./show/plot/chart.ts";
export { type HistogramOptions, plotHistogram } from "./show/plot/histogram.ts";
export { type LineOptions, plotLine } from "./show/plot/line.ts";
export type { Reducer } from "./show/plot/reduce.ts";
export { plotScatter, type ScatterOptions } from "./show/plot/scatter.ts";
export { collect } from "./show/table/collect-rows.ts";
export type { FrameLike, Tabular } from "./show/table/columns.ts";
export { describe } from "./show/table/describe-table.ts";
export type { ColumnSummary, NumberSummary } from "./show/table/summary.ts";
