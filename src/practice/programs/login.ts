import { setTimeout as wait } from "node:timers/promises";
import { fail, keepSession, type ProgramHome, post } from "./program-session.ts";

/**
 * Signs a person in by a device code, as the programs' own login commands do where they cannot
 * open a browser.
 *
 * @returns the user principal name; nothing when nobody was signed in, which has been said then
 */
export async function login(home: ProgramHome): Promise<string | undefined> {
  const { origin, tenantId, clientId } = home;
  const base = `${origin}/${tenantId}/oauth2/v2.0`;
  const scope = "https://management.core.windows.net//.default openid profile offline_access";
  const started = await post(`${base}/devicecode`, { client_id: clientId, scope });
  process.stderr.write(`${started.message}\n`);
  const fields = {
    grant_type: "urn:ietf:params:oauth:grant-type:device_code",
    client_id: clientId,
    device_code: String(started.device_code),
  };
  for (;;) {
    await wait(Number(started.interval) * 1000);
    const reply = await post(`${base}/token`, fields);
    if (reply.error === "authorization_pending") continue;
    if (reply.error !== undefined) {
      fail(`ERROR: ${reply.error_description}`);
      return undefined;
    }
    const user = nameIn(String(reply.id_token));
    keepSession({ user, refreshToken: String(reply.refresh_token) });
    return user;
  }
}

function nameIn(idToken: string): string {
  const [, payload = ""] = idToken.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as Record<string, string>;
  return claims.preferred_username ?? "";
}
