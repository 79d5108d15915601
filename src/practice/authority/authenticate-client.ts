import { timingSafeEqual } from "node:crypto";
import { type Application, findApplication } from "../directory/applications.ts";
import { TENANT } from "../directory/tenant.ts";
import type { Faults } from "../faults/faults.ts";
import { ASSERTION_TYPE, type AssertionTrust, checkAssertion } from "./assertions.ts";
import { AuthorityFailure, applicationNotFound, missingParameter } from "./authority-failure.ts";
import type { ClientProof } from "./issue-tokens.ts";

/** Credentials of applications. */
export interface ClientTrust extends AssertionTrust {
  readonly clientSecret: string;
  readonly faults: Faults;
}

/** The application of a request. */
export function readApplication(form: URLSearchParams): Application {
  const clientId = form.get("client_id");
  if (!clientId) throw missingParameter("client_id");
  const application = findApplication(clientId);
  if (!application) throw applicationNotFound(clientId, TENANT.name);
  return application;
}

/**
 * Authenticates a client by a secret or an assertion; a public client, where a person signs in,
 * needs neither.
 *
 * @param origin `https://HOST[:PORT]` of the authority as the client has it
 * @throws AuthorityFailure `invalid_client`
 */
export async function authenticateClient(
  application: Application,
  form: URLSearchParams,
  origin: string,
  trust: ClientTrust,
): Promise<ClientProof> {
  const secret = form.get("client_secret");
  const assertion = form.get("client_assertion");
  if (application.kind === "public") {
    if (secret === null && assertion === null) return "0";
    throw refusal(
      700025,
      "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
    );
  }
  if (assertion !== null) {
    if (form.get("client_assertion_type") !== ASSERTION_TYPE) {
      throw missingParameter("client_assertion_type");
    }
    refuseExpired(application, trust);
    await checkAssertion(application, assertion, origin, trust);
    return "2";
  }
  if (secret === null) throw proofMissing();
  if (!equal(secret, trust.clientSecret)) {
    throw refusal(
      7000215,
      "Invalid client secret provided. Ensure the secret being sent in the request is the client " +
        "secret value, not the client secret ID, for a secret added to app " +
        `'${application.clientId}'.`,
    );
  }
  refuseExpired(application, trust);
  return "1";
}

/** The failure of a confidential client without credentials. */
export function proofMissing(): AuthorityFailure {
  return refusal(
    7000218,
    "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
  );
}

function refuseExpired({ clientId }: Application, { faults }: ClientTrust): void {
  if (!faults.takeRefusal("expired-secret")) return;
  throw refusal(
    7000222,
    `The provided client secret keys for app '${clientId}' are expired. Visit the Azure portal to ` +
      "create new keys for your app: https://aka.ms/NewClientSecret, or consider using " +
      "certificate credentials for added security: https://aka.ms/certCreds.",
  );
}

function equal(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function refusal(number: number, text: string): AuthorityFailure {
  return new AuthorityFailure("invalid_client", number, text, 401);
}
