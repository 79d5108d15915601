import { readFileSync, rmSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { writePrivate } from "../private-file.ts";

/** Settings of a stand-in program. */
export interface ProgramHome {
  /** `https://127.0.0.1:PORT` of the authority. */
  readonly origin: string;
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly subscriptionName: string;
  /** The program's own application. */
  readonly clientId: string;
}

/** Sign-in of a stand-in program. */
export interface ProgramSession {
  /** User principal name. */
  readonly user: string;
  readonly refreshToken: string;
}

/** An access token and its expiry, in seconds since 1970. */
interface ProgramToken {
  readonly token: string;
  readonly expiresOn: number;
}

/** Settings of the running program. */
export function readHome(): ProgramHome {
  const file = fileNamedBy("NOTELAKE_PRACTICE_HOME");
  return JSON.parse(readFileSync(file, "utf8")) as ProgramHome;
}

/** The sign-in of the running program; undefined when signed out. */
export function readSession(): ProgramSession | undefined {
  try {
    const file = fileNamedBy("NOTELAKE_PRACTICE_SESSION");
    return JSON.parse(readFileSync(file, "utf8")) as ProgramSession;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Saves or removes the sign-in. */
export function keepSession(session: ProgramSession | undefined): void {
  const file = fileNamedBy("NOTELAKE_PRACTICE_SESSION");
  if (session) writePrivate(file, JSON.stringify(session));
  else rmSync(file, { force: true });
}

/**
 * Fetches an access token with the session's refresh token.
 *
 * @throws Error with the authority's own text when it refuses
 */
export async function fetchToken(
  home: ProgramHome,
  session: ProgramSession,
  scope: string,
  { tenant = home.tenantId, claims }: { tenant?: string; claims?: string } = {},
): Promise<ProgramToken> {
  const reply = await post(`${home.origin}/${tenant}/oauth2/v2.0/token`, {
    grant_type: "refresh_token",
    client_id: home.clientId,
    refresh_token: session.refreshToken,
    scope,
    ...(claims !== undefined && { claims }),
  });
  if (reply.error !== undefined) throw new Error(String(reply.error_description ?? reply.error));
  const expiresOn = Math.floor(Date.now() / 1000) + Number(reply.expires_in);
  return { token: String(reply.access_token), expiresOn };
}

/** Sends a form, and reads the JSON of the answer whatever its status. */
export async function post(url: string, fields: Record<string, string>) {
  const response = await fetch(url, { method: "POST", body: new URLSearchParams(fields) });
  return (await response.json()) as Record<string, unknown>;
}

/** The value after an option on the command line. */
export function optionValue(name: string): string | undefined {
  const index = process.argv.indexOf(name);
  return index < 0 ? undefined : process.argv[index + 1];
}

/** Prints an error and exits. */
export function fail(text: string, exitCode = 1): void {
  process.stderr.write(`${text}\n`);
  process.exitCode = exitCode;
}

function fileNamedBy(variable: string): string {
  const file = process.env[variable];
  if (!file) throw new TypeError(`${variable} names no file`);
  return file;
}

/**
 * Signs a person in with a device code, as the real tools do without a browser.
 *
 * @returns the user principal name; undefined after a failure, which was printed
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
