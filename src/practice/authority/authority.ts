import type { Clock } from "../clock.ts";
import { resolveTenant, TENANT } from "../directory/tenant.ts";
import { type Exchange, type Handler, readForm, redirect, sendJson } from "../exchange.ts";
import type { FaultTarget } from "../faults/fault.ts";
import type { Faults } from "../faults/faults.ts";
import { strike } from "../faults/strike.ts";
import type { RequestNotes } from "../requests/request-notes.ts";
import { readApplication } from "./authenticate-client.ts";
import { AuthorityFailure, describeFailure, tenantNotFound } from "./authority-failure.ts";
import { DEVICE_CODE_LIFETIME, POLL_INTERVAL } from "./device-codes.ts";
import { instanceMetadata, openIdConfiguration } from "./discovery.ts";
import { answerTokenCall, type GrantContext } from "./grants.ts";
import { readScope } from "./scopes.ts";

export interface AuthorityContext extends GrantContext {
  readonly clock: Clock;
  readonly faults: Faults;
  /** `http://127.0.0.1:PORT` of the sign-in pages. */
  readonly pages: string;
}

interface Call {
  readonly exchange: Exchange;
  readonly tenant: string;
  readonly ownTenant: boolean;
}

interface Endpoint {
  /** Its name in faults. */
  readonly target?: FaultTarget;
  answer(context: AuthorityContext, call: Call): Promise<void>;
}

const TOKEN: Endpoint = { target: "token", answer: issueToken };
const KEYS: Endpoint = { answer: publishKeys };

/** By method and the path after the tenant. */
const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  "GET v2.0/.well-known/openid-configuration": { target: "discovery", answer: discover },
  "GET discovery/instance": { target: "discovery", answer: discoverInstance },
  "GET discovery/v2.0/keys": KEYS,
  "GET discovery/keys": KEYS,
  "GET userrealm": { answer: describeRealm },
  "GET oauth2/v2.0/authorize": { answer: openPage },
  "POST oauth2/v2.0/devicecode": { target: "devicecode", answer: startDeviceCode },
  "POST oauth2/v2.0/token": TOKEN,
  "POST oauth2/token": TOKEN,
};

/** Whether a path is the authority's, on a host for all services. */
export function isAuthorityPath(path: string): boolean {
  return /^\/[^/]+\/(oauth2|v2\.0\/\.well-known|discovery|userrealm)\//i.test(path);
}

/** Microsoft Entra ID's endpoints for one tenant. */
export function createAuthority(context: AuthorityContext): Handler {
  return async (exchange) => {
    try {
      await answer(context, exchange);
    } catch (error) {
      if (!(error instanceof AuthorityFailure)) throw error;
      noteFailure(exchange.notes, error);
      const id = exchange.request.headers["client-request-id"];
      const correlation = typeof id === "string" ? id : undefined;
      const body = describeFailure(error, context.clock, correlation);
      sendJson(exchange.response, error.status, body, echoId(exchange));
    }
  };
}

/** Logs a refusal. */
export function noteFailure(
  notes: RequestNotes,
  { error, number, message }: AuthorityFailure,
): void {
  notes.code = error;
  notes.reasons = [{ by: "sign-in", number, why: message }];
}

async function answer(context: AuthorityContext, exchange: Exchange): Promise<void> {
  const [tenant = "", ...rest] = exchange.url.pathname.slice(1).split("/");
  exchange.notes.operation = rest.join("/").replace(/^(userrealm)\/.*/i, "$1");
  // This one ends with the name of a person.
  const path = /^userrealm$/i.test(rest[0] ?? "") ? "userrealm" : rest.join("/");
  const endpoint = ENDPOINTS[`${exchange.request.method} ${path}`];
  if (!endpoint) {
    sendJson(exchange.response, 404, { error: "not_found" });
    return;
  }
  if (endpoint.target && (await strike(context.faults, endpoint.target, exchange))) return;
  const resolved = resolveTenant(tenant);
  if (resolved === "unknown" || context.faults.takeRefusal("unknown-tenant")) {
    // Discovery and the token endpoint have different codes for the same refusal.
    const error = endpoint.target === "discovery" ? "invalid_tenant" : "invalid_request";
    throw tenantNotFound(tenant, error);
  }
  await endpoint.answer(context, { exchange, tenant, ownTenant: resolved === "own" });
}

async function discover(context: AuthorityContext, { exchange, tenant, ownTenant }: Call) {
  const { origin } = exchange.url;
  const body = openIdConfiguration(origin, context.pages, tenant, !ownTenant);
  if (context.faults.takeRefusal("bad-issuer")) body.issuer = "https://login.contoso.example/v2.0";
  sendJson(exchange.response, 200, body, { "access-control-allow-origin": "*" });
}

/** Redirects a browser to the page over http, where there is no certificate warning. */
async function openPage(context: AuthorityContext, { exchange }: Call) {
  const { pathname, search } = exchange.url;
  redirect(exchange.response, context.pages + pathname + search);
}

async function discoverInstance(_context: AuthorityContext, { exchange }: Call) {
  sendJson(exchange.response, 200, instanceMetadata(exchange.url.origin, exchange.url.host));
}

/** Home realm discovery, which MSAL needs before it sends a password. */
async function describeRealm(_context: AuthorityContext, { exchange }: Call) {
  const [, domain = ""] = decodeURIComponent(exchange.url.pathname).toLowerCase().split("@");
  const known = TENANT.domains.find((own) => own === domain);
  sendJson(exchange.response, 200, {
    ver: "1.0",
    account_type: known ? "Managed" : "Unknown",
    ...(known && { domain_name: known }),
    cloud_instance_name: "microsoftonline.com",
    cloud_audience_urn: "urn:federation:MicrosoftOnline",
  });
}

async function publishKeys(context: AuthorityContext, { exchange }: Call) {
  sendJson(exchange.response, 200, { keys: [context.tokens.key.published] });
}

async function startDeviceCode(context: AuthorityContext, { exchange }: Call) {
  const form = await readForm(exchange.request);
  const application = readApplication(form);
  const signIn = context.deviceCodes.start(application.clientId, readScope(form));
  const page = `${context.pages}/devicelogin`;
  const body = {
    user_code: signIn.userCode,
    device_code: signIn.deviceCode,
    verification_uri: page,
    expires_in: DEVICE_CODE_LIFETIME,
    interval: POLL_INTERVAL,
    message:
      `To sign in, use a web browser to open the page ${page} and enter the code ` +
      `${signIn.userCode} to authenticate.`,
  };
  sendJson(exchange.response, 200, body, echoId(exchange));
}

async function issueToken(context: AuthorityContext, { exchange, ownTenant }: Call) {
  const form = await readForm(exchange.request);
  const { notes, url } = exchange;
  const grantType = form.get("grant_type")?.replace(/^.*:/, "") ?? "";
  notes.operation = `${notes.operation} ${grantType.slice(0, 40)}`;
  const call = { form, origin: url.origin, ownTenant, notes };
  sendJson(exchange.response, 200, await answerTokenCall(context, call), echoId(exchange));
}

/** The client's request id, if it asks for it. */
function echoId({ request }: Exchange): Record<string, string> {
  const id = request.headers["client-request-id"];
  const isRequested = request.headers["return-client-request-id"] === "true";
  return isRequested && typeof id === "string" ? { "client-request-id": id } : {};
}
