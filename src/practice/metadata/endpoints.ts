import { issueForIdentity, type TokenSource } from "../authority/issue-tokens.ts";
import {
  MANAGED_IDENTITIES,
  type ManagedIdentity,
  SYSTEM_IDENTITY,
} from "../directory/managed-identities.ts";
import { findResource } from "../directory/oauth-resources.ts";
import { RESOURCE_GROUP, SUBSCRIPTION } from "../directory/tenant.ts";
import { type Exchange, sendJson } from "../exchange.ts";
import { strike } from "../faults/strike.ts";

export interface MetadataContext {
  readonly tokens: TokenSource;
  /** What an App Service program must send as `X-IDENTITY-HEADER`. */
  readonly identityHeader: string;
}

/** Path of App Service's token endpoint, as `IDENTITY_ENDPOINT` names it. */
export const APP_SERVICE_PATH = "/msi/token";

/** MSAL for Java sends two slashes, which the service accepts. */
export function isMetadataPath(path: string): boolean {
  return /^\/+metadata\//.test(path) || path === APP_SERVICE_PATH;
}

/**
 * The instance metadata service of a virtual machine, and App Service's endpoint. Both need a
 * header that a forged request through a browser or a proxy does not have.
 */
export async function answerMetadata(context: MetadataContext, exchange: Exchange): Promise<void> {
  const { request, response, url, notes } = exchange;
  notes.service = "metadata";
  notes.operation = url.pathname.slice(1);
  if (await strike(context.tokens.faults, "metadata", exchange)) return;
  if (request.method !== "GET") {
    sendJson(response, 405, { error: "method_not_allowed" });
  } else if (url.pathname === APP_SERVICE_PATH) {
    await answerAppService(context, exchange);
  } else {
    await answerInstance(context, exchange);
  }
}

async function answerInstance(context: MetadataContext, exchange: Exchange): Promise<void> {
  const { request, response, url } = exchange;
  if (request.headers.metadata?.toString().toLowerCase() !== "true") {
    refuse(exchange, 400, "bad_request_102", "Required metadata header not specified");
  } else if (request.headers["x-forwarded-for"] !== undefined) {
    refuse(exchange, 403, "forbidden", "Requests through a proxy are not allowed");
  } else if (!url.searchParams.get("api-version")) {
    refuse(exchange, 400, "bad_request", "Bad request. api-version was not specified");
  } else if (/^\/+metadata\/identity\/oauth2\/token\/?$/.test(url.pathname)) {
    await answerToken(context, exchange);
  } else if (/^\/+metadata\/instance\/?$/.test(url.pathname)) {
    sendJson(response, 200, { compute: describeMachine() });
  } else {
    refuse(exchange, 404, "not_found", "The requested resource was not found");
  }
}

async function answerAppService(context: MetadataContext, exchange: Exchange): Promise<void> {
  const { request, url } = exchange;
  if (request.headers["x-identity-header"] !== context.identityHeader) {
    refuse(exchange, 401, "unauthorized", "The X-IDENTITY-HEADER is missing or wrong");
  } else if (url.searchParams.get("api-version") !== "2019-08-01") {
    refuse(exchange, 400, "bad_request", "api-version must be 2019-08-01");
  } else {
    await answerToken(context, exchange);
  }
}

async function answerToken(context: MetadataContext, exchange: Exchange): Promise<void> {
  try {
    const reply = await issueIdentityToken(context.tokens, exchange.url.searchParams);
    sendJson(exchange.response, 200, reply);
  } catch (error) {
    if (!(error instanceof IdentityRefusal)) throw error;
    refuse(exchange, 400, error.error, error.message);
  }
}

function refuse({ response, notes }: Exchange, status: number, error: string, text: string): void {
  notes.code = error;
  sendJson(response, status, { error, error_description: text });
}

function describeMachine() {
  return {
    azEnvironment: "AzurePublicCloud",
    location: RESOURCE_GROUP.location,
    name: SYSTEM_IDENTITY.name,
    resourceGroupName: RESOURCE_GROUP.name,
    resourceId: SYSTEM_IDENTITY.resourceId,
    subscriptionId: SUBSCRIPTION.id,
  };
}

/** A refusal of the endpoint, as in OAuth. */
class IdentityRefusal extends Error {
  override readonly name = "IdentityRefusal";
  readonly error: string;

  constructor(error: string, text: string) {
    super(text);
    this.error = error;
  }
}

/** Parameters for a user-assigned identity. */
const IDENTITY_PARAMETERS = {
  client_id: "clientId",
  object_id: "objectId",
  principal_id: "objectId",
  msi_res_id: "resourceId",
  mi_res_id: "resourceId",
} as const;

/**
 * Issues a token for the system-assigned identity or the requested one.
 *
 * @throws IdentityRefusal for an unknown identity or resource
 */
async function issueIdentityToken(tokens: TokenSource, query: URLSearchParams) {
  const identity = findIdentity(query);
  if (!identity || tokens.faults.takeRefusal("no-identity")) {
    throw new IdentityRefusal("invalid_request", "Identity not found");
  }
  const audience = query.get("resource");
  if (!audience) {
    throw new IdentityRefusal(
      "invalid_request",
      "Invalid or missing resource parameter: the resource to get a token for is required",
    );
  }
  if (!findResource(audience)) {
    throw new IdentityRefusal(
      "invalid_resource",
      `AADSTS500011: The resource principal named ${audience} was not found in the tenant named ` +
        "Contoso.",
    );
  }
  const { token, lifetime } = await issueForIdentity(tokens, identity, audience);
  const now = tokens.clock();
  // Every value is a string, numbers included.
  return {
    access_token: token,
    client_id: identity.clientId,
    expires_in: String(lifetime),
    expires_on: String(now + lifetime),
    ext_expires_in: String(lifetime),
    not_before: String(now - 300),
    resource: audience,
    token_type: "Bearer",
  };
}

function findIdentity(query: URLSearchParams): ManagedIdentity | undefined {
  for (const [parameter, field] of Object.entries(IDENTITY_PARAMETERS)) {
    const requested = query.get(parameter)?.toLowerCase();
    if (requested === undefined) continue;
    return MANAGED_IDENTITIES.find((identity) => identity[field].toLowerCase() === requested);
  }
  return SYSTEM_IDENTITY;
}
