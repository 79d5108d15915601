import type { Cloud } from "../core/cloud.ts";
import type { SignInAttempt, SignInPrompt, SignInReport } from "../core/sign-in-types.ts";
import { accountOf } from "./account.ts";
import { attemptSignIn } from "./attempt.ts";
import type { CredentialContext } from "./credential.ts";
import { credentialsOf, type SignInOptions } from "./methods.ts";
import { signInError } from "./sign-in-error.ts";
import { Session, scopeOf } from "./sign-in-session.ts";

/**
 * Signs in to `cloud`, and returns a session with tokens for all services in it.
 *
 * Without a method it tries the credentials of the Azure SDK's DefaultAzureCredential in their
 * order, and uses the first that works. As there, an application of the environment that the
 * authority refuses ends the search: another credential would be another identity.
 *
 * @throws SignInError `NO_CREDENTIAL` with a line for each, or the code of the one that was
 *   refused, such as `BAD_SECRET`; `CANCELLED` as soon as `signal` aborts
 */
export async function signInTo(cloud: Cloud, options: SignInOptions = {}): Promise<Session> {
  const started = performance.now();
  const context: CredentialContext = { cloud, onPrompt: options.onPrompt ?? printPrompt };
  const { credentials, restriction } = credentialsOf(options, context);
  const scope = scopeOf(cloud, options.scope ?? "storage");
  const limits = {
    ...(options.signal && { signal: options.signal }),
    ...(options.timeout !== undefined && { timeout: options.timeout }),
  };
  const attempts: SignInAttempt[] = [];
  const report = (): SignInReport => ({
    cloud: cloud.kind === "practice" ? "practice" : cloud.name,
    attempts,
    milliseconds: Math.round(performance.now() - started),
    ...(restriction !== undefined && { restriction }),
  });
  for (const credential of credentials) {
    const last = await attemptSignIn(credential, cloud, { scope, ...limits });
    attempts.push(last.attempt);
    const { token } = last;
    if (token) {
      const account = accountOf(token.token);
      const expiresOn = new Date(token.expiresOnTimestamp);
      const signedIn = { ...report(), method: credential.method, account, expiresOn };
      return new Session({
        cloud,
        credential,
        report: signedIn,
        scope,
        token,
        timeout: options.timeout,
      });
    }
    const settled = credential.decisive && last.attempt.outcome === "failed";
    if (last.failure && (settled || credentials.length === 1 || options.signal?.aborted)) {
      throw signInError(report(), cloud, last.failure);
    }
  }
  throw signInError(report(), cloud);
}

/** Prints a prompt, for programs without `onPrompt`. */
function printPrompt({ message }: SignInPrompt): void {
  process.stdout.write(`${message}\n`);
}
