import { timingSafeEqual } from "node:crypto";
import { type Application, findApplication } from "../directory/applications.ts";
import { TENANT } from "../directory/tenant.ts";
import { AuthorityFailure, applicationNotFound, missingParameter } from "./failure.ts";
import type { ClientProof } from "./tokens.ts";

/** The application a request names. */
export function readApplication(form: URLSearchParams): Application {
  const clientId = form.get("client_id");
  if (!clientId) throw missingParameter("client_id");
  const application = findApplication(clientId);
  if (!application) throw applicationNotFound(clientId, TENANT.name);
  return application;
}

/**
 * Checks how an application proves itself.
 *
 * @throws AuthorityFailure `invalid_client` when it does not, or has nothing to prove
 */
export function authenticateClient(
  application: Application,
  form: URLSearchParams,
  secret: string,
): ClientProof {
  const given = form.get("client_secret");
  if (application.kind === "public") {
    if (given === null) return "0";
    throw new AuthorityFailure(
      "invalid_client",
      700025,
      "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
      401,
    );
  }
  if (given === null) {
    throw new AuthorityFailure(
      "invalid_client",
      7000218,
      "The request body must contain the following parameter: 'client_assertion' or " +
        "'client_secret'.",
      401,
    );
  }
  if (!equal(given, secret)) {
    throw new AuthorityFailure(
      "invalid_client",
      7000215,
      "Invalid client secret provided. Ensure the secret being sent in the request is the client " +
        "secret value, not the client secret ID, for a secret added to app " +
        `'${application.clientId}'.`,
      401,
    );
  }
  return "1";
}

function equal(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
