import { DeviceCodeCredential } from "@azure/identity";
import { currentRecording } from "../traffic/recording.ts";
import type { Way, WayContext } from "../way.ts";
import { interaction, type PersonOptions } from "./interactive.ts";

/** Used when the authority does not say how long its code lives; Entra's live this long. */
const USUAL_LIFETIME_MILLISECONDS = 900_000;

/** A person types a code on a page, on any device (RFC 8628). */
export function deviceCode(options: PersonOptions, context: WayContext): Way {
  return {
    method: "device-code",
    name: "DeviceCode",
    ...interaction({
      options,
      context,
      make: (credentialOptions, ask) =>
        new DeviceCodeCredential({
          ...credentialOptions,
          userPromptCallback(code) {
            const { device } = currentRecording() ?? {};
            const expiresAt = device?.expiresAt ?? Date.now() + USUAL_LIFETIME_MILLISECONDS;
            const { userCode, verificationUri, message } = code;
            const expiresOn = new Date(expiresAt);
            ask({ kind: "device-code", userCode, verificationUri, message, expiresOn });
          },
        }),
    }),
  };
}
