import { DeviceCodeCredential } from "@azure/identity";
import type { Credential, CredentialContext } from "../credential.ts";
import { currentRecording } from "../traffic/recording.ts";
import { type Ask, interaction, type PersonCredentialOptions } from "./interactive.ts";
import type { PersonOptions } from "./person-options.ts";

/** Lifetime of a code of Microsoft Entra ID, for an authority that does not say it. */
const USUAL_LIFETIME_MILLISECONDS = 900_000;

/** The device authorization grant (RFC 8628): a person types a code on a page, on any device. */
export function deviceCode(options: PersonOptions, context: CredentialContext): Credential {
  return {
    method: "device-code",
    name: "DeviceCode",
    ...interaction({ options, context, make: deviceCodeCredential }),
  };
}

/** @param reason why a code is used instead of another method; follows a colon */
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
