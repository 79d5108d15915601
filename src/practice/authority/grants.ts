import type { RequestNotes } from "../requests/request-notes.ts";
import {
  authenticateClient,
  type ClientTrust,
  proofMissing,
  readApplication,
} from "./authenticate-client.ts";
import { AuthorityFailure, missingParameter } from "./authority-failure.ts";
import type { AuthorizationCodes } from "./authorization-codes.ts";
import { demandSecondFactor, readClaims } from "./conditional-access.ts";
import type { DeviceCodes } from "./device-codes.ts";
import { issueForApplication, issueForUser, type TokenSource } from "./issue-tokens.ts";
import { readScope } from "./scopes.ts";
import { openSession } from "./sessions.ts";

export interface GrantContext {
  readonly tokens: TokenSource;
  readonly deviceCodes: DeviceCodes;
  readonly authorizationCodes: AuthorizationCodes;
  readonly trust: ClientTrust;
}

/** A request to the token endpoint. */
export interface TokenCall {
  readonly form: URLSearchParams;
  /** `https://HOST[:PORT]` of the authority as the client has it. */
  readonly origin: string;
  /** Whether the path has the tenant itself, not `organizations` or `common`. */
  readonly ownTenant: boolean;
  readonly notes: RequestNotes;
}

type AnswerGrant = (context: GrantContext, call: TokenCall) => Promise<Record<string, unknown>>;

const GRANTS: Readonly<Record<string, AnswerGrant>> = {
  client_credentials: grantToApplication,
  authorization_code: redeemAuthorizationCode,
  device_code: redeemDeviceCode,
  "urn:ietf:params:oauth:grant-type:device_code": redeemDeviceCode,
  refresh_token: redeemRefreshToken,
};

/** Answers a request to the token endpoint, by its `grant_type`. */
export function answerTokenCall(context: GrantContext, call: TokenCall) {
  const type = required(call.form, "grant_type");
  const grant = Object.hasOwn(GRANTS, type) ? GRANTS[type] : undefined;
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
  const { form } = call;
  if (!call.ownTenant) {
    throw new AuthorityFailure(
      "invalid_request",
      50059,
      "No tenant-identifying information found in either the request or implied by any provided " +
        "credentials.",
    );
  }
  const client = await readClient(context, call);
  if (client.proof === "0") throw proofMissing();
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
  const { objectId: id, name } = client.application;
  call.notes.principal = { id, name };
  return issueForApplication(context.tokens, { ...client, grant });
}

async function redeemDeviceCode(context: GrantContext, call: TokenCall) {
  const deviceCode = required(call.form, "device_code");
  const client = await readClient(context, call);
  const { clientId } = client.application;
  const { user, grant } = context.deviceCodes.redeem(deviceCode, clientId);
  call.notes.principal = { id: user.id, name: user.upn };
  // The device page always wants a second factor.
  const authentication = { methods: ["pwd", "mfa"], at: Date.now() };
  return issueForUser(context.tokens, { ...client, grant }, user, authentication);
}

async function redeemAuthorizationCode(context: GrantContext, call: TokenCall) {
  const { form } = call;
  const code = required(form, "code");
  const redirectUri = required(form, "redirect_uri");
  const verifier = required(form, "code_verifier");
  const client = await readClient(context, call);
  const { clientId } = client.application;
  const agreed = context.authorizationCodes.redeem(code, clientId, redirectUri, verifier);
  const { user, grant, authentication, nonce } = agreed;
  call.notes.principal = { id: user.id, name: user.upn };
  return issueForUser(context.tokens, { ...client, grant }, user, authentication, nonce);
}

async function redeemRefreshToken(context: GrantContext, call: TokenCall) {
  const { form } = call;
  const token = required(form, "refresh_token");
  const client = await readClient(context, call);
  const { user, clientId, methods, at } = await openSession(context.tokens, token);
  call.notes.principal = { id: user.id, name: user.upn };
  if (clientId !== client.application.clientId) {
    throw new AuthorityFailure(
      "invalid_grant",
      70000,
      "Provided grant is invalid or malformed. The refresh token was issued to another client.",
    );
  }
  const grant = readScope(form);
  const authentication = { methods, at };
  demandSecondFactor(context.tokens.faults, client.claims, authentication, grant.resource);
  return issueForUser(context.tokens, { ...client, grant }, user, authentication);
}

/** The client, its authentication, and the claims of a token request. */
async function readClient({ trust }: GrantContext, { form, origin }: TokenCall) {
  const application = readApplication(form);
  const proof = await authenticateClient(application, form, origin, trust);
  return { application, proof, origin, claims: readClaims(form) };
}

function required(form: URLSearchParams, name: string): string {
  const value = form.get(name);
  if (!value) throw missingParameter(name);
  return value;
}
