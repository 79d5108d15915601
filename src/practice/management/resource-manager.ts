import { MANAGEMENT } from "../directory/oauth-resources.ts";
import { type Exchange, type Handler, sendJson } from "../exchange.ts";
import type { Faults } from "../faults/faults.ts";
import { strike } from "../faults/strike.ts";
import type { PracticeLake } from "../lake/index.ts";
import type { TokenCheck } from "../principal.ts";
import { Refusal } from "../service-refusal.ts";
import { type Call, openCall, type Route } from "./arm-call.ts";
import { GEN1_ROUTES } from "./arm-gen1-accounts.ts";
import { RESOURCE_ROUTES } from "./arm-resources.ts";
import { BLOB_SERVICE_ROUTES } from "./blob-services.ts";
import { isAboutClouds, listClouds } from "./clouds.ts";
import { type Records, same, subscriptionOf } from "./records.ts";
import {
  checkGroup,
  deleteGroup,
  getGroup,
  listGroups,
  patchGroup,
  pollDeletion,
  putGroup,
} from "./resource-groups.ts";
import {
  deleteAssignment,
  getAssignment,
  getRole,
  listAssignments,
  listRoles,
  putAssignment,
} from "./role-assignments.ts";
import { STORAGE_ROUTES } from "./storage-accounts.ts";
import { SERVICE_ROUTES } from "./storage-services.ts";
import {
  getSubscription,
  listLocations,
  listSubscriptions,
  listTenants,
  SUBSCRIPTIONS,
} from "./subscriptions.ts";

export interface ManagementContext {
  readonly records: Records;
  readonly check: TokenCheck;
  readonly faults: Faults;
  readonly lake: PracticeLake;
}

const AUTHORIZATION = "(.*)/providers/Microsoft\\.Authorization";
const GROUP = "/subscriptions/[^/]+/resourceGroups/([^/]+)";

const ROUTES: readonly Route[] = [
  ["GET", "/tenants", listTenants],
  ["GET", "/subscriptions", listSubscriptions],
  ["GET", "/subscriptions/[^/]+", getSubscription],
  ["GET", "/subscriptions/[^/]+/locations", listLocations],
  ["GET", "/subscriptions/[^/]+/resourceGroups", listGroups],
  ["GET", GROUP, getGroup],
  ["HEAD", GROUP, checkGroup],
  ["PUT", GROUP, putGroup],
  ["PATCH", GROUP, patchGroup],
  ["DELETE", GROUP, deleteGroup],
  ["GET", "/subscriptions/[^/]+/operationresults/([^/]+)", pollDeletion],
  ["GET", `${AUTHORIZATION}/roleDefinitions`, listRoles],
  ["GET", `${AUTHORIZATION}/roleDefinitions/([^/]+)`, getRole],
  ["GET", `${AUTHORIZATION}/roleAssignments`, listAssignments],
  ["GET", `${AUTHORIZATION}/roleAssignments/([^/]+)`, getAssignment],
  ["PUT", `${AUTHORIZATION}/roleAssignments/([^/]+)`, putAssignment],
  ["DELETE", `${AUTHORIZATION}/roleAssignments/([^/]+)`, deleteAssignment],
  ...RESOURCE_ROUTES,
  ...STORAGE_ROUTES,
  ...BLOB_SERVICE_ROUTES,
  ...SERVICE_ROUTES,
  ...GEN1_ROUTES,
];

export function createManagement(context: ManagementContext): Handler {
  return async (exchange) => {
    if (await strike(context.faults, "management", exchange)) return;
    try {
      if (isAboutClouds(exchange)) listClouds(exchange);
      else await answer(context, exchange);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { status, code, message, headers, reasons } = error;
      Object.assign(exchange.notes, { code, reasons });
      sendJson(exchange.response, status, { error: { code, message } }, headers);
    }
  };
}

async function answer(context: ManagementContext, exchange: Exchange): Promise<void> {
  const { request, notes } = exchange;
  notes.proof = request.headers.authorization === undefined ? "none" : "token";
  const [audience = ""] = MANAGEMENT.uris;
  const principal = await context.check(request.headers.authorization, audience);
  notes.principal = { id: principal.id, name: principal.name };
  const call = openCall(exchange, context.records, context.lake, principal);
  requireVersion(call);
  requireSubscription(call);
  for (const [method, path, handler] of ROUTES) {
    const parts = new RegExp(`^${path}$`, "i").exec(call.path);
    if (!parts || method !== request.method) continue;
    notes.operation = handler.name;
    return handler(call, ...parts.slice(1));
  }
  throw new Refusal(
    404,
    "InvalidResourceType",
    `The practice cloud's Resource Manager has no ${request.method} of '${call.path}'.`,
  );
}

function requireVersion({ query }: Call): void {
  if (query.get("api-version")) return;
  throw new Refusal(
    400,
    "MissingApiVersionParameter",
    "The api-version query parameter (?api-version=) is required for all requests.",
  );
}

function requireSubscription({ path, subscription }: Call): void {
  const [, id, group] = /^\/subscriptions\/([^/]+)(?:\/resourceGroups\/([^/]+))?/i.exec(path) ?? [];
  if (id === undefined) return;
  if (SUBSCRIPTIONS.some((known) => same(id, known.id))) {
    if (group === undefined || subscriptionOf(group) === subscription) return;
    throw new Refusal(
      404,
      "ResourceGroupNotFound",
      `Resource group '${group}' could not be found.`,
    );
  }
  throw new Refusal(404, "SubscriptionNotFound", `The subscription '${id}' could not be found.`);
}
