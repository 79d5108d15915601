import { request } from "node:https";
import type { AccessToken, TokenCredential } from "@azure/core-auth";
import { CLOUD_ENDPOINTS, type Cloud } from "../../src/core/cloud.ts";
import type { PracticeDescription } from "../../src/practice/index.ts";

// What a process needs to use a practice cloud of another: it loads quickly.

/** A practice cloud as a client knows it. */
export function cloudOf(description: PracticeDescription): Cloud {
  const { origin, port, ca, pages, account, subscriptionId, tenantId } = description;
  return {
    ...CLOUD_ENDPOINTS.public,
    kind: "practice",
    authority: origin,
    management: origin,
    account,
    subscriptionId,
    tenantId,
    loopback: { port, ca, metadata: pages },
  };
}

/** A credential of the user whom a practice cloud signs in. */
export function deviceCodeCredential(description: PracticeDescription): TokenCredential {
  return { getToken: (scopes) => signInByDeviceCode(description, [scopes].flat().join(" ")) };
}

const tokens = new Map<string, AccessToken>();

/** A token from the practice cloud's own device code endpoints, kept for the next test. */
export async function signInByDeviceCode(
  practice: PracticeDescription,
  scope: string,
): Promise<AccessToken> {
  const { origin, clientId } = practice;
  const known = tokens.get(`${origin} ${scope}`);
  if (known) return known;
  const started = await post(practice, "devicecode", { client_id: clientId, scope });
  const poll = {
    grant_type: "urn:ietf:params:oauth:grant-type:device_code",
    client_id: clientId,
    device_code: String(started.device_code),
  };
  await post(practice, "token", poll);
  const { access_token, expires_in } = await post(practice, "token", poll);
  const token = {
    token: String(access_token),
    expiresOnTimestamp: Date.now() + Number(expires_in) * 1000,
  };
  tokens.set(`${origin} ${scope}`, token);
  return token;
}

function post(
  { origin, tenantId, ca }: PracticeDescription,
  endpoint: string,
  form: Record<string, string>,
): Promise<Record<string, unknown>> {
  const body = new URLSearchParams(form).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  return new Promise((resolve, reject) => {
    const url = `${origin}/${tenantId}/oauth2/v2.0/${endpoint}`;
    const sent = request(url, { method: "POST", ca, headers }, (response) => {
      response.setEncoding("utf8");
      let text = "";
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve(JSON.parse(text)));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
