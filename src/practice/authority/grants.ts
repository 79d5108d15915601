import { findUser } from "../directory/people.ts";
import { authenticateClient, readApplication } from "./clients.ts";
import type { DeviceCodes } from "./device-codes.ts";
import { AuthorityFailure, missingParameter } from "./failure.ts";
import { readScope } from "./scopes.ts";
import { issueForApplication, issueForUser, openSession, type TokenSource } from "./tokens.ts";

/** What the token endpoint works with. */
export interface GrantContext {
  readonly tokens: TokenSource;
  readonly deviceCodes: DeviceCodes;
  readonly clientSecret: string;
}

/** A request to the token endpoint. */
export interface TokenCall {
  readonly form: URLSearchParams;
  /** `https://HOST[:PORT]` that the client reaches the authority at. */
  readonly origin: string;
  /** The path names the tenant itself, not `organizations` or `common`. */
  readonly ownTenant: boolean;
}

type Grant = (context: GrantContext, call: TokenCall) => Promise<Record<string, unknown>>;

const GRANTS: Readonly<Record<string, Grant>> = {
  client_credentials: grantToApplication,
  device_code: redeemDeviceCode,
  "urn:ietf:params:oauth:grant-type:device_code": redeemDeviceCode,
  refresh_token: redeemRefreshToken,
};

/** Answers a request to the token endpoint, by its `grant_type`. */
export function answerTokenCall(context: GrantContext, call: TokenCall) {
  const type = call.form.get("grant_type");
  if (!type) throw missingParameter("grant_type");
  const grant = GRANTS[type];
  if (!grant) {
    throw new AuthorityFailure(
      "unsupported_grant_type",
      70003,
      `The app requested an unsupported grant type '${type}'.`,
    );
  }
  return grant(context, call);
}

async function grantToApplication(context: GrantContext, call: TokenCall) {
  const { form, origin } = call;
  if (!call.ownTenant) {
    throw new AuthorityFailure(
      "invalid_request",
      50059,
      "No tenant-identifying information found in either the request or implied by any provided " +
        "credentials.",
    );
  }
  const application = readApplication(form);
  if (application.kind === "public") requireProof(form);
  const proof = authenticateClient(application, form, context.clientSecret);
  const grant = readScope(form);
  if (!grant.scope.endsWith("/.default")) {
    throw new AuthorityFailure(
      "invalid_scope",
      1002012,
      `The provided value for scope ${form.get("scope")} is not valid. Client credential flows ` +
        "must have a scope value with /.default suffixed to the resource identifier " +
        "(application ID URI).",
    );
  }
  const continuous = handlesChallenges(form);
  return issueForApplication(context.tokens, { application, proof, grant, origin, continuous });
}

async function redeemDeviceCode(context: GrantContext, call: TokenCall) {
  const { form, origin } = call;
  const application = readApplication(form);
  const deviceCode = form.get("device_code");
  if (!deviceCode) throw missingParameter("device_code");
  const proof = authenticateClient(application, form, context.clientSecret);
  const { user, grant } = context.deviceCodes.redeem(deviceCode, application.clientId);
  const continuous = handlesChallenges(form);
  const methods = ["pwd", "mfa"];
  const request = { application, proof, grant, origin, continuous, methods };
  return issueForUser(context.tokens, request, user);
}

async function redeemRefreshToken(context: GrantContext, call: TokenCall) {
  const { form, origin } = call;
  const application = readApplication(form);
  const token = form.get("refresh_token");
  if (!token) throw missingParameter("refresh_token");
  const proof = authenticateClient(application, form, context.clientSecret);
  const session = await openSession(context.tokens, token);
  const user = findUser(session.userId);
  if (!user || session.clientId !== application.clientId) {
    throw new AuthorityFailure(
      "invalid_grant",
      70000,
      "Provided grant is invalid or malformed. The refresh token was issued to another client.",
    );
  }
  const grant = readScope(form);
  const { methods } = session;
  const continuous = handlesChallenges(form);
  const request = { application, proof, grant, origin, continuous, methods };
  return issueForUser(context.tokens, request, user);
}

function requireProof(form: URLSearchParams): void {
  if (form.has("client_secret") || form.has("client_assertion")) return;
  throw new AuthorityFailure(
    "invalid_client",
    7000218,
    "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    401,
  );
}

/** Whether the client says, by capability `CP1`, that it handles claims challenges. */
function handlesChallenges(form: URLSearchParams): boolean {
  return /"xms_cc"[^\]]*"cp1"/i.test(form.get("claims") ?? "");
}
