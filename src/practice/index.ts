/**
 * The practice cloud for tests of yours: it plays Microsoft Entra ID, Azure Resource Manager and Data
 * Lake Storage on 127.0.0.1.
 *
 * @module notelake/practice
 */
import "../core/refuse-old-node.ts";

export type {
  KeyFiles,
  PracticeDescription,
  PracticeGroup,
  PracticeIdentity,
  PracticeService,
} from "./description.ts";
export type {
  FAULT_TARGETS,
  Fault,
  FaultRefusal,
  FaultTarget,
  Limited,
  REFUSALS,
} from "./faults/fault.ts";
export type { ActiveFault, Faults } from "./faults/faults.ts";
export type { FaultKind, FaultMatch, LakeFault } from "./faults/lake-faults.ts";
export type { PracticeHttpClient } from "./http-client.ts";
export type { PracticeCloud, PracticeOptions } from "./practice-cloud.ts";
export { PracticeError, type PracticeErrorCode } from "./practice-error.ts";
export type { PROGRAM_NAMES, ProgramName, Programs } from "./programs/installed-programs.ts";
export type { LoggedRequest, RequestLog } from "./requests/request-log.ts";
export type { Requester, RequestNotes, ServiceName } from "./requests/request-notes.ts";
export type { RefusalReason } from "./service-refusal.ts";
export { clientSettings } from "./settings/client-settings.ts";
export { CLIENT_NAMES, type ClientName, hostSettings } from "./settings/host-settings.ts";
export type { PracticeSnapshot } from "./snapshots/snapshots.ts";
export { startPractice } from "./start.ts";
