import { hash, randomBytes } from "node:crypto";
import type { Clock } from "../clock.ts";
import type { User } from "../directory/people.ts";
import { AuthorityFailure } from "./authority-failure.ts";
import type { Authentication } from "./conditional-access.ts";
import { type Grant, type KeptGrant, keepGrant, readGrant } from "./scopes.ts";

/** An authorization that a person gave in the browser. */
export interface Authorization {
  readonly clientId: string;
  readonly redirectUri: string;
  /** PKCE: base64url of the SHA-256 of the verifier (RFC 7636). */
  readonly challenge: string;
  readonly grant: Grant;
  readonly user: User;
  readonly authentication: Authentication;
  readonly nonce?: string;
}

// Seconds; RFC 6749 recommends at most ten minutes.
const LIFETIME = 600;

interface IssuedCode extends Authorization {
  readonly expiresAt: number;
  redeemed: boolean;
}

type KeptCode = Omit<IssuedCode, "grant"> & { readonly code: string; readonly grant: KeptGrant };

/** The authorization codes of one practice cloud; each is good once. */
export class AuthorizationCodes {
  readonly #codes = new Map<string, IssuedCode>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  issue(authorization: Authorization): string {
    for (const [code, { expiresAt }] of this.#codes) {
      if (this.#clock() > expiresAt + LIFETIME) this.#codes.delete(code);
    }
    const code = `1.${randomBytes(96).toString("base64url")}`;
    const expiresAt = this.#clock() + LIFETIME;
    this.#codes.set(code, { ...authorization, expiresAt, redeemed: false });
    return code;
  }

  snapshot(): KeptCode[] {
    return [...this.#codes].map(([code, issued]) => ({
      ...issued,
      code,
      grant: keepGrant(issued.grant),
    }));
  }

  restore(kept: readonly KeptCode[]): void {
    this.#codes.clear();
    for (const { code, grant, ...issued } of kept) {
      this.#codes.set(code, { ...issued, grant: readGrant(grant) });
    }
  }

  /** @throws AuthorityFailure `invalid_grant` when the code is not valid for this client */
  redeem(code: string, clientId: string, redirectUri: string, verifier: string): Authorization {
    const known = this.#codes.get(code);
    if (!known || known.clientId !== clientId) {
      throw refusal(9002313, "Invalid request. Request is malformed or invalid.");
    }
    if (known.redeemed) {
      throw refusal(
        54005,
        "OAuth2 Authorization code was already redeemed, please retry with a new valid code or " +
          "use an existing refresh token.",
      );
    }
    known.redeemed = true;
    if (this.#clock() >= known.expiresAt) {
      throw refusal(
        70008,
        "The provided authorization code or refresh token has expired due to inactivity.",
      );
    }
    if (known.redirectUri !== redirectUri) {
      throw refusal(
        500112,
        "The reply address does not match the reply address provided when requesting " +
          "Authorization code.",
      );
    }
    if (hash("sha256", verifier, "base64url") !== known.challenge) {
      throw refusal(
        501481,
        "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
      );
    }
    return known;
  }
}

function refusal(number: number, text: string): AuthorityFailure {
  return new AuthorityFailure("invalid_grant", number, text);
}
