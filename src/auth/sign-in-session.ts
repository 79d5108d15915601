import type { AccessToken, GetTokenOptions, TokenCredential } from "@azure/core-auth";
import type { Cloud } from "../core/cloud.ts";
import { SignInError } from "../core/errors.ts";
import type { Account, SignInMethod, SignInReport } from "../core/sign-in-types.ts";
import { attemptSignIn } from "./attempt.ts";
import type { Credential } from "./credential.ts";
import { signInError } from "./sign-in-error.ts";
import { CANCELLED } from "./sign-in-failure.ts";
import { toAbortSignal, unlessAborted } from "./traffic/signals.ts";

/** A service that tokens are for, as `Cloud.scopes` names it. */
export type ServiceName = keyof Cloud["scopes"];

/** The scope of a service, or a scope as it is. */
export function scopeOf(cloud: Cloud, service: ServiceName | (string & {})): string {
  return Object.hasOwn(cloud.scopes, service) ? cloud.scopes[service as ServiceName] : service;
}

/** A token is renewed this long before it expires, as in the pipelines of the Azure SDK. */
const RENEW_EARLY_MILLISECONDS = 300_000;

interface SessionParts {
  readonly cloud: Cloud;
  readonly credential: Credential;
  readonly report: SignInReport;
  readonly scope: string;
  readonly token: AccessToken;
  readonly timeout: number | undefined;
}

/** A pending request for a token, and the number of callers that wait for it. */
interface Flight {
  readonly token: Promise<AccessToken>;
  readonly stop: AbortController;
  waiting: number;
}

/**
 * A sign-in. It is a TokenCredential: clients of the Azure SDK and `openLake` accept it. All tokens
 * come from the credential that signed in.
 */
export class Session implements TokenCredential {
  /** Who is signed in, by the first token. */
  readonly account: Account;
  readonly method: SignInMethod;
  readonly report: SignInReport;
  readonly #cloud: Cloud;
  readonly #credential: Credential;
  readonly #scope: string;
  readonly #timeout: number | undefined;
  readonly #tokens = new Map<string, AccessToken>();
  readonly #flights = new Map<string, Flight>();
  #signedOut = false;

  constructor({ cloud, credential, report, scope, token, timeout }: SessionParts) {
    if (!report.account) throw new TypeError("a session is somebody's");
    this.account = report.account;
    this.method = credential.method;
    this.report = report;
    this.#cloud = cloud;
    this.#credential = credential;
    this.#scope = scope;
    this.#timeout = timeout;
    this.#tokens.set(keyOf(scope, undefined), token);
  }

  /** When the current token for the scope of the sign-in expires; it is renewed automatically. */
  get expiresOn(): Date {
    const token = this.#tokens.get(keyOf(this.#scope, undefined));
    return token ? new Date(token.expiresOnTimestamp) : (this.report.expiresOn ?? new Date(0));
  }

  /**
   * A token for one scope. Calls for the same scope at the same time share one request; a claims
   * challenge always makes a new one.
   *
   * @throws SignInError
   */
  async getToken(scopes: string | string[], options: GetTokenOptions = {}): Promise<AccessToken> {
    const { claims, tenantId } = options;
    const scope = typeof scopes === "string" ? scopes : scopes.join(" ");
    const key = keyOf(scope, tenantId);
    this.#checkSignedIn();
    const held = claims ? undefined : this.#tokens.get(key);
    if (held && isFresh(held)) return held;
    const signal = options.abortSignal ? toAbortSignal(options.abortSignal) : undefined;
    const flightKey = `${key}\n${claims ?? ""}`;
    const flight = this.#joinable(flightKey) ?? this.#depart(flightKey, key, scope, options);
    try {
      return await this.#waitFor(flight, signal);
    } catch (error) {
      // A failed renewal matters only once the token expires.
      if (held && held.expiresOnTimestamp > Date.now() + 60_000 && !signal?.aborted) return held;
      throw error;
    }
  }

  /** The token text for a service of the cloud. */
  async tokenFor(service: ServiceName, options?: GetTokenOptions): Promise<string> {
    return (await this.getToken(scopeOf(this.#cloud, service), options)).token;
  }

  /** Removes every token, in this process and those kept for other processes. */
  async signOut(): Promise<void> {
    this.#signedOut = true;
    this.#tokens.clear();
    for (const { stop } of this.#flights.values()) stop.abort(signedOut());
    await this.#credential.forget?.();
  }

  #checkSignedIn(): void {
    if (this.#signedOut) throw signedOut();
  }

  #joinable(flightKey: string): Flight | undefined {
    const flight = this.#flights.get(flightKey);
    return flight?.stop.signal.aborted ? undefined : flight;
  }

  #depart(flightKey: string, key: string, scope: string, options: GetTokenOptions): Flight {
    const { claims, tenantId } = options;
    const stop = new AbortController();
    const ask = async () => {
      const { token, attempt, failure } = await attemptSignIn(this.#credential, this.#cloud, {
        scope,
        signal: stop.signal,
        ...(claims !== undefined && { claims }),
        ...(tenantId !== undefined && { tenantId }),
        ...(this.#timeout !== undefined && { timeout: this.#timeout }),
      });
      this.#checkSignedIn();
      if (!token) throw signInError({ ...this.report, attempts: [attempt] }, this.#cloud, failure);
      this.#tokens.set(key, token);
      return token;
    };
    const token = ask().finally(() => {
      if (this.#flights.get(flightKey) === flight) this.#flights.delete(flightKey);
    });
    token.catch(() => undefined); // callers that wait get the error
    const flight: Flight = { token, stop, waiting: 0 };
    this.#flights.set(flightKey, flight);
    return flight;
  }

  async #waitFor(flight: Flight, signal: AbortSignal | undefined): Promise<AccessToken> {
    flight.waiting++;
    if (!signal) return flight.token;
    try {
      return await unlessAborted(flight.token, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      if (--flight.waiting === 0) flight.stop.abort(signal.reason);
      throw new SignInError(CANCELLED, "the request for a token was cancelled");
    }
  }
}

function keyOf(scope: string, tenantId: string | undefined): string {
  return `${tenantId ?? ""}\n${scope}`;
}

function isFresh({ expiresOnTimestamp, refreshAfterTimestamp }: AccessToken): boolean {
  const now = Date.now();
  if (refreshAfterTimestamp !== undefined && refreshAfterTimestamp <= now) return false;
  return expiresOnTimestamp - now > RENEW_EARLY_MILLISECONDS;
}

function signedOut(): SignInError {
  return new SignInError("SIGNED_OUT", "this session has signed out", {
    hint: "Call signIn for a new one.",
  });
}
