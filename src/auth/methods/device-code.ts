import { DeviceCodeCredential } from "@azure/identity";
import type { Credential, CredentialContext } from "../credential.ts";
import { currentRecording } from "../traffic/recording.ts";
import {
  type Ask,
  interaction,
  type PersonCredentialOptions,
  type PersonOptions,
} from "./interactive.ts";

/** Used when the authority does not say how long its code lives; Entra's live this long. */
const USUAL_LIFETIME_MILLISECONDS = 900_000;

/** A person types a code on a page, on any device (RFC 8628). */
export function deviceCode(options: PersonOptions, context: CredentialContext): Credential {
  return {
    method: "device-code",
    name: "DeviceCode",
    ...interaction({ options, context, make: deviceCodeCredential }),
  };
}

/** @param reason why a code, where something else was wanted; to follow a colon */
export function deviceCodeCredential(
  options: PersonCredentialOptions,
  ask: Ask,
  reason?: string,
): DeviceCodeCredential {
  return new DeviceCodeCredential({
    ...options,
    userPromptCallback(code) {
      const { device } = currentRecording() ?? {};
      const expiresAt = device?.expiresAt ?? Date.now() + USUAL_LIFETIME_MILLISECONDS;
      const { userCode, verificationUri } = code;
      const why = reason && `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`;
      const message = why ? `${why} ${code.message}` : code.message;
      ask({
        kind: "device-code",
        userCode,
        verificationUri,
        message,
        expiresOn: new Date(expiresAt),
        ...(why && { reason: why }),
      });
    },
  });
}
