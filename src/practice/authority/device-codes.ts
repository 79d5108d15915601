import { randomBytes, randomInt } from "node:crypto";
import type { Clock } from "../clock.ts";
import type { User } from "../directory/people.ts";
import type { Faults } from "../faults/faults.ts";
import { AuthorityFailure } from "./authority-failure.ts";
import type { BrowserUser } from "./browser-user.ts";
import { type Grant, type KeptGrant, keepGrant, readGrant } from "./scopes.ts";

/** Lifetime in seconds, as in Microsoft Entra ID. */
export const DEVICE_CODE_LIFETIME = 900;
/** Seconds to wait between two polls; Microsoft Entra ID asks for five. */
export const POLL_INTERVAL = 1;

const ALPHABET = "BCDFGHJKLMNPQRSTVWXYZ23456789";
const CODE_LENGTH = 9;

export interface DeviceSignIn {
  readonly deviceCode: string;
  /** The code that the person types. */
  readonly userCode: string;
  readonly clientId: string;
  readonly grant: Grant;
  readonly expiresAt: number;
  /** Two digits that the person must match on the second factor. */
  readonly number: string;
  state: "pending" | "declined" | "approved";
  user?: User;
  /** Number of polls so far. */
  polls: number;
}

type KeptSignIn = Omit<DeviceSignIn, "grant"> & { readonly grant: KeptGrant };

/** The device codes of one practice cloud. */
export class DeviceCodes {
  readonly #byDeviceCode = new Map<string, DeviceSignIn>();
  readonly #clock: Clock;
  readonly #faults: Faults;
  /** Its user approves every code after one pending poll. */
  readonly #browserUser: BrowserUser;

  constructor(clock: Clock, faults: Faults, browserUser: BrowserUser) {
    this.#clock = clock;
    this.#faults = faults;
    this.#browserUser = browserUser;
  }

  start(clientId: string, grant: Grant): DeviceSignIn {
    this.#forgetOld();
    const signIn: DeviceSignIn = {
      deviceCode: randomBytes(48).toString("base64url"),
      userCode: Array.from(
        { length: CODE_LENGTH },
        () => ALPHABET[randomInt(ALPHABET.length)],
      ).join(""),
      clientId,
      grant,
      expiresAt: this.#clock() + DEVICE_CODE_LIFETIME,
      number: String(randomInt(10, 100)),
      state: "pending",
      polls: 0,
    };
    this.#byDeviceCode.set(signIn.deviceCode, signIn);
    return signIn;
  }

  /** The pending sign-in of a user code, in any case and spacing. */
  find(userCode: string): DeviceSignIn | "expired" | undefined {
    const requested = userCode.toUpperCase().replace(/[^0-9A-Z]/g, "");
    for (const signIn of this.#byDeviceCode.values()) {
      if (signIn.userCode !== requested || signIn.state !== "pending") continue;
      const gone = this.#isExpired(signIn) || this.#faults.findRefusal("expired-device-code");
      return gone ? "expired" : signIn;
    }
    return undefined;
  }

  /** A person has typed the code and matched the number. */
  approve(signIn: DeviceSignIn, user: User): void {
    signIn.state = "approved";
    signIn.user = user;
    this.#browserUser.signIn(user);
  }

  /**
   * Answers a poll.
   *
   * @throws AuthorityFailure `authorization_pending`, `slow_down`, `authorization_declined`,
   *   `expired_token` or `bad_verification_code`, as RFC 8628 section 3.5 and Microsoft Entra ID
   *   name them
   */
  redeem(deviceCode: string, clientId: string): { user: User; grant: Grant } {
    const signIn = this.#byDeviceCode.get(deviceCode);
    if (!signIn || signIn.clientId !== clientId) throw REFUSALS.unknown();
    if (this.#faults.takeRefusal("slow-down")) throw REFUSALS.slowDown();
    if (this.#faults.takeRefusal("declined")) signIn.state = "declined";
    signIn.polls += 1;
    const known = this.#browserUser.current;
    if (signIn.state === "pending" && signIn.polls > 1 && known) {
      signIn.state = "approved";
      signIn.user = known;
    }
    if (signIn.state === "declined") {
      this.#byDeviceCode.delete(deviceCode);
      throw REFUSALS.declined();
    }
    if (this.#isExpired(signIn) || this.#faults.takeRefusal("expired-device-code")) {
      throw REFUSALS.expired();
    }
    if (signIn.state === "pending" || !signIn.user) throw REFUSALS.pending();
    this.#byDeviceCode.delete(deviceCode);
    return { user: signIn.user, grant: signIn.grant };
  }

  snapshot(): KeptSignIn[] {
    const signIns = [...this.#byDeviceCode.values()];
    return signIns.map((signIn) => ({ ...signIn, grant: keepGrant(signIn.grant) }));
  }

  restore(kept: readonly KeptSignIn[]): void {
    this.#byDeviceCode.clear();
    for (const signIn of kept) {
      const grant = readGrant(signIn.grant);
      this.#byDeviceCode.set(signIn.deviceCode, { ...signIn, grant });
    }
  }

  #isExpired(signIn: DeviceSignIn): boolean {
    return this.#clock() >= signIn.expiresAt;
  }

  /** Expired codes are kept a while for their error. */
  #forgetOld(): void {
    for (const [key, { expiresAt }] of this.#byDeviceCode) {
      if (this.#clock() > expiresAt + DEVICE_CODE_LIFETIME) this.#byDeviceCode.delete(key);
    }
  }
}

const REFUSALS = {
  unknown: () =>
    new AuthorityFailure(
      "bad_verification_code",
      70018,
      "Invalid verification code due to user typing in wrong user code for device code flow. " +
        "Authorization isn't approved.",
    ),
  slowDown: () =>
    new AuthorityFailure("slow_down", 50196, "The client polls too often. Slow down."),
  declined: () =>
    new AuthorityFailure(
      "authorization_declined",
      70017,
      "Authorization was declined. The end user denied the authorization request.",
    ),
  expired: () =>
    new AuthorityFailure(
      "expired_token",
      70020,
      "The provided value for the input parameter 'device_code' is not valid. This device code " +
        "has expired.",
    ),
  pending: () =>
    new AuthorityFailure(
      "authorization_pending",
      70016,
      "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
    ),
};
