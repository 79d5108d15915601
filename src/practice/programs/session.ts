import { readFileSync } from "node:fs";

/** What a stand-in program remembers of its sign-in. */
export interface ProgramSession {
  /** `https://127.0.0.1:PORT` of the authority. */
  readonly origin: string;
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly subscriptionName: string;
  readonly clientId: string;
  readonly user: string;
  readonly refreshToken: string;
}

/** An access token and when it ends, in seconds since 1970. */
interface ProgramToken {
  readonly token: string;
  readonly expiresOn: number;
}

/** The sign-in of the running program; none when nobody is signed in. */
export function readSession(): ProgramSession | undefined {
  const file = process.env.NOTELAKE_PRACTICE_SESSION;
  if (!file) throw new TypeError("NOTELAKE_PRACTICE_SESSION names no file");
  try {
    return JSON.parse(readFileSync(file, "utf8")) as ProgramSession;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Fetches an access token with the session's refresh token.
 *
 * @throws Error with the authority's own text when it refuses
 */
export async function fetchToken(
  session: ProgramSession,
  scope: string,
  { tenant = session.tenantId, claims }: { tenant?: string; claims?: string } = {},
): Promise<ProgramToken> {
  const response = await fetch(`${session.origin}/${tenant}/oauth2/v2.0/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "refresh_token",
      client_id: session.clientId,
      refresh_token: session.refreshToken,
      scope,
      ...(claims !== undefined && { claims }),
    }),
  });
  const reply = (await response.json()) as Record<string, unknown>;
  if (!response.ok) throw new Error(String(reply.error_description ?? reply.error));
  const expiresOn = Math.floor(Date.now() / 1000) + Number(reply.expires_in);
  return { token: String(reply.access_token), expiresOn };
}

/** The value after an option on the command line. */
export function optionValue(name: string): string | undefined {
  const index = process.argv.indexOf(name);
  return index < 0 ? undefined : process.argv[index + 1];
}

/** Says why there is no token and ends the program, as a command line program does. */
export function fail(text: string, exitCode = 1): void {
  process.stderr.write(`${text}\n`);
  process.exitCode = exitCode;
}
