import { EncryptJWT, errors, jwtDecrypt } from "jose";
import type { Clock } from "../clock.ts";
import { findUser, type User } from "../directory/people.ts";
import { AuthorityFailure } from "./authority-failure.ts";
import type { Authentication } from "./conditional-access.ts";

/** The session of a refresh token. */
export interface Session extends Authentication {
  readonly userId: string;
  readonly clientId: string;
}

/** The key of refresh tokens. */
export interface SessionSeal {
  readonly sealingKey: Uint8Array;
  readonly clock: Clock;
}

const LIFETIME = 90 * 24 * 60 * 60;

/** An encrypted refresh token. */
export function sealSession({ sealingKey, clock }: SessionSeal, session: Session): Promise<string> {
  const now = clock();
  return new EncryptJWT({ ...session })
    .setProtectedHeader({ alg: "dir", enc: "A256GCM" })
    .setIssuedAt(now)
    .setExpirationTime(now + LIFETIME)
    .encrypt(sealingKey);
}

/**
 * Decrypts a refresh token.
 *
 * @throws AuthorityFailure `invalid_grant` for an unknown or expired one
 */
export async function openSession(
  { sealingKey, clock }: SessionSeal,
  token: string,
): Promise<Session & { user: User }> {
  try {
    const currentDate = new Date(clock() * 1000);
    const { payload } = await jwtDecrypt<Session>(token, sealingKey, { currentDate });
    const user = findUser(payload.userId);
    if (user) return { ...payload, user };
  } catch (error) {
    if (error instanceof errors.JWTExpired) {
      throw new AuthorityFailure(
        "invalid_grant",
        700082,
        "The refresh token has expired due to inactivity. The token was inactive for 90.00:00:00.",
      );
    }
    if (!(error instanceof errors.JOSEError)) throw error;
  }
  throw new AuthorityFailure(
    "invalid_grant",
    9002313,
    "Invalid request. Request is malformed or invalid.",
  );
}
