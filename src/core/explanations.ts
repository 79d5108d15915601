import type { ErrorCode } from "./error-codes/error-codes.ts";

/** Meaning and remedy of a refusal of an Azure service. */
export interface Explanation {
  /** Stable code of the error that this package throws. */
  readonly code: ErrorCode;
  /** One clause without a full stop, to follow "because". */
  readonly reason: string;
  readonly remedy: string;
}

const entry = (code: ErrorCode, reason: string, remedy: string): Explanation => ({
  code,
  reason,
  remedy,
});

const APPLICATION = "Entra admin center > App registrations > the application";
const FEDERATED = entry(
  "BAD_ASSERTION",
  "no federated credential of the application matches the token's issuer, subject or audience",
  `Compare the token's iss, sub and aud with ${APPLICATION} > Certificates & secrets > Federated credentials.`,
);
const MFA = entry(
  "INTERACTION_REQUIRED",
  "the directory asks for another sign-in step, such as multi-factor authentication",
  "Sign in with a device code or a browser, where a person can answer; tools signed in before must sign in again.",
);
const SIGN_IN_EXPIRED = entry(
  "SIGN_IN_EXPIRED",
  "the earlier sign-in is no longer valid",
  "Sign in again; a remembered sign-in is cleared by session.signOut().",
);
const POLICY = entry(
  "BLOCKED_BY_POLICY",
  "a Conditional Access policy of the directory forbids this sign-in",
  "Ask the directory's administrator which policy applies (Entra admin center > Sign-in logs), or use a managed device or another way to sign in.",
);
const UNKNOWN_TENANT = entry(
  "UNKNOWN_TENANT",
  "there is no such directory in this cloud",
  "Check the tenant id or domain (az account show --query tenantId) and the cloud: US government and China have directories of their own.",
);
const WRONG_TENANT = entry(
  "WRONG_TENANT",
  "the account belongs to another directory",
  "Give the directory's id as tenantId, or have the account invited there as a guest.",
);
const NEEDS_DATA_ROLE =
  'Needs the role "Storage Blob Data Reader" to read or "Storage Blob Data Contributor" to write, or an access control list entry on the path; Owner does not include data access. A new role takes up to ten minutes to count.';
const NEEDS_NEW_TOKEN =
  "Sign in again; a machine's clock that is off by minutes has the same effect.";

/**
 * Refusals of Microsoft Entra ID (`AADSTS…`, or the `error` of RFC 6749 and RFC 8628), Azure
 * Resource Manager and Azure Storage (`x-ms-error-code`), by their own names.
 */
export const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  AADSTS7000215: entry(
    "BAD_SECRET",
    "the client secret is wrong",
    `Use the secret's value, not its id, from ${APPLICATION} > Certificates & secrets.`,
  ),
  AADSTS7000222: entry(
    "EXPIRED_SECRET",
    "the client secret has expired",
    `Make a new one at ${APPLICATION} > Certificates & secrets (az ad app credential reset --id APP --append).`,
  ),
  AADSTS700027: entry(
    "BAD_CERTIFICATE",
    "the application does not know this certificate, or its private key does not match",
    `Upload the certificate's public part at ${APPLICATION} > Certificates & secrets > Certificates.`,
  ),
  AADSTS700024: entry(
    "BAD_ASSERTION",
    "the assertion's time range does not include now",
    "Set the machine's clock (chronyc tracking, w32tm /query /status); a federated token file must be a fresh one.",
  ),
  AADSTS70021: FEDERATED,
  AADSTS700211: FEDERATED,
  AADSTS700212: FEDERATED,
  AADSTS700213: FEDERATED,
  AADSTS700016: entry(
    "UNKNOWN_APPLICATION",
    "the directory has no such application",
    "Check the client id and the tenant id: they come from the same page, the application's Overview.",
  ),
  AADSTS7000229: entry(
    "UNKNOWN_APPLICATION",
    "the application has no service principal in this directory",
    "Have an administrator add it: az ad sp create --id APP.",
  ),
  AADSTS7000218: entry(
    "BAD_APPLICATION",
    "the application does not allow public clients, which device code and browser sign-in need",
    `Set "Allow public client flows" to Yes at ${APPLICATION} > Authentication.`,
  ),
  AADSTS50011: entry(
    "BAD_APPLICATION",
    "the application does not list this redirect address",
    `Add http://localhost under Mobile and desktop applications at ${APPLICATION} > Authentication.`,
  ),
  AADSTS50194: entry(
    "BAD_APPLICATION",
    "the application serves one directory only",
    "Give that directory's id as tenantId.",
  ),
  AADSTS500011: entry(
    "UNKNOWN_RESOURCE",
    "the directory does not know the service that the token is for",
    "Check the scope and the cloud: a token for storage comes from the scope https://storage.azure.com/.default.",
  ),
  AADSTS70011: entry(
    "BAD_SCOPE",
    "the scope is not one that the service offers",
    "Ask for RESOURCE/.default, such as https://storage.azure.com/.default.",
  ),
  AADSTS1002012: entry(
    "BAD_SCOPE",
    "an application may ask for a service's /.default scope only",
    "Ask for RESOURCE/.default, such as https://storage.azure.com/.default.",
  ),
  AADSTS90002: UNKNOWN_TENANT,
  AADSTS900023: UNKNOWN_TENANT,
  AADSTS50020: WRONG_TENANT,
  AADSTS90072: WRONG_TENANT,
  AADSTS50034: entry(
    "UNKNOWN_USER",
    "the directory has no such user",
    "Check the user name and the tenant id.",
  ),
  AADSTS50126: entry("BAD_PASSWORD", "user name or password is wrong", "Check both."),
  AADSTS50053: entry(
    "ACCOUNT_BLOCKED",
    "the account is locked after too many wrong attempts",
    "Wait, or ask an administrator to unlock it.",
  ),
  AADSTS50057: entry(
    "ACCOUNT_BLOCKED",
    "the account is disabled",
    "Ask an administrator to enable it.",
  ),
  AADSTS50055: entry(
    "BAD_PASSWORD",
    "the password has expired",
    "Sign in at https://myaccount.microsoft.com and change it.",
  ),
  AADSTS50105: entry(
    "NOT_ASSIGNED",
    "the application admits only people assigned to it",
    "Ask for an assignment at Entra admin center > Enterprise applications > the application > Users and groups.",
  ),
  AADSTS50074: MFA,
  AADSTS50076: MFA,
  AADSTS50078: MFA,
  AADSTS50079: MFA,
  AADSTS50158: MFA,
  interaction_required: MFA,
  AADSTS50173: SIGN_IN_EXPIRED,
  AADSTS50132: SIGN_IN_EXPIRED,
  AADSTS70008: SIGN_IN_EXPIRED,
  AADSTS70043: SIGN_IN_EXPIRED,
  AADSTS700082: SIGN_IN_EXPIRED,
  AADSTS53000: POLICY,
  AADSTS53001: POLICY,
  AADSTS53003: POLICY,
  AADSTS530003: POLICY,
  AADSTS65001: entry(
    "CONSENT_REQUIRED",
    "nobody has consented to what the application asks for",
    `Ask an administrator to grant consent at ${APPLICATION} > API permissions.`,
  ),
  AADSTS65004: entry(
    "DECLINED",
    "the permissions were declined on the sign-in page",
    "Run the sign-in again and accept.",
  ),
  authorization_declined: entry(
    "DECLINED",
    "the sign-in was declined on the device login page",
    "Run the sign-in again for a new code.",
  ),
  access_denied: entry(
    "DECLINED",
    "the sign-in was declined on the sign-in page",
    "Run the sign-in again and accept.",
  ),
  AADSTS70018: entry(
    "CODE_EXPIRED",
    "the device code is not valid",
    "Run the sign-in again for a new code.",
  ),
  expired_token: entry(
    "CODE_EXPIRED",
    "the device code was not used in time",
    "Run the sign-in again for a new code.",
  ),

  AuthorizationFailed: entry(
    "FORBIDDEN",
    "no role assignment allows this action at this scope",
    'Needs a role with the action, such as "Reader" to list or "Contributor" to change, at the resource, its group or the subscription (az role assignment create). A new role takes up to ten minutes to count.',
  ),
  LinkedAuthorizationFailed: entry(
    "FORBIDDEN",
    "the action touches a second resource that no role assignment covers",
    "Needs the role at the linked resource too; the message names it.",
  ),
  InvalidAuthenticationTokenTenant: entry(
    "WRONG_TENANT",
    "the token is from another directory than the subscription",
    "Sign in with tenantId set to the subscription's directory (az account show --subscription ID --query tenantId).",
  ),
  InvalidAuthenticationTokenAudience: entry(
    "WRONG_AUDIENCE",
    "the token is for another service",
    "Ask for the service's own scope: session.getToken does when a client is given the session.",
  ),
  InvalidAuthenticationToken: entry("UNAUTHENTICATED", "the token does not hold", NEEDS_NEW_TOKEN),
  ExpiredAuthenticationToken: entry("UNAUTHENTICATED", "the token has expired", NEEDS_NEW_TOKEN),
  SubscriptionNotFound: entry(
    "NOT_FOUND",
    "there is no such subscription, or it is invisible to this account",
    "List what the account sees (az account list --all); the tenant may be another one.",
  ),
  RequestDisallowedByPolicy: entry(
    "FORBIDDEN",
    "an Azure Policy of the organisation forbids it",
    "The message names the policy; its owner can make an exception.",
  ),
  ScopeLocked: entry(
    "FORBIDDEN",
    "a lock on the resource forbids changes",
    "Remove the lock first (az lock list).",
  ),
  MissingSubscriptionRegistration: entry(
    "NOT_REGISTERED",
    "the subscription is not registered for this kind of resource",
    "az provider register --namespace NAMESPACE, once for a subscription.",
  ),

  AuthorizationPermissionMismatch: entry(
    "FORBIDDEN",
    "no role and no access control list entry allows this on the path",
    NEEDS_DATA_ROLE,
  ),
  InsufficientAccountPermissions: entry(
    "FORBIDDEN",
    "the account's permissions do not reach this far",
    NEEDS_DATA_ROLE,
  ),
  AuthorizationFailure: entry(
    "FORBIDDEN",
    "the storage account's firewall does not admit this machine",
    "Add the machine's address at the storage account > Networking, or work from an admitted network.",
  ),
  PublicAccessNotPermitted: entry(
    "FORBIDDEN",
    "the storage account admits nobody without a sign-in",
    "Pass a session, a key or a shared access signature.",
  ),
  KeyBasedAuthenticationNotPermitted: entry(
    "FORBIDDEN",
    "the storage account forbids account keys and what is signed with them",
    "Sign in instead: pass a session.",
  ),
  NoAuthenticationInformation: entry(
    "UNAUTHENTICATED",
    "the request carried no sign-in",
    "Pass a session, a key or a shared access signature.",
  ),
  InvalidAuthenticationInfo: entry("UNAUTHENTICATED", "the token does not hold", NEEDS_NEW_TOKEN),
  AuthenticationFailed: entry(
    "UNAUTHENTICATED",
    "the signature or token does not hold",
    `Check the account key or shared access signature and its dates. ${NEEDS_NEW_TOKEN}`,
  ),
};

/** The explanation of the first of `names` that has one. */
export function explain(...names: readonly (string | undefined)[]): Explanation | undefined {
  for (const name of names) {
    if (name !== undefined && Object.hasOwn(EXPLANATIONS, name)) return EXPLANATIONS[name];
  }
  return undefined;
}
