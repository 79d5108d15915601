import { type Exchange, readText, sendJson } from "../exchange.ts";
import { PROGRAM_NAMES, type Programs } from "./installed-programs.ts";

/** Where stand-in programs are signed in and out over HTTP, below the address of the pages. */
export const PROGRAMS_PATH = "/practice/programs";

/**
 * Answers `GET` (who is signed in) and `PUT` of `{"user": "ada@contoso.com"}` or `{"user": null}`
 * to one program's path, such as `/practice/programs/az`.
 */
export async function controlPrograms(programs: Programs, exchange: Exchange): Promise<void> {
  const { request, response, url } = exchange;
  const wanted = url.pathname.slice(PROGRAMS_PATH.length + 1);
  const program = PROGRAM_NAMES.find((name) => name === wanted);
  if (request.method === "PUT" && program) {
    const user = readUser(await readText(request));
    if (user === undefined) {
      sendJson(response, 400, { error: 'send {"user": "ada@contoso.com"} or {"user": null}' });
      return;
    }
    try {
      if (user === null) programs.signOut(program);
      else await programs.signIn(program, user);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      sendJson(response, 404, { error: error.message });
      return;
    }
  } else if (request.method !== "GET" || wanted !== "") {
    sendJson(response, 404, { error: "there is no such program" });
    return;
  }
  const signedIn = PROGRAM_NAMES.map((name) => [name, programs.isSignedIn(name)]);
  sendJson(response, 200, Object.fromEntries(signedIn));
}

function readUser(text: string): string | null | undefined {
  try {
    const { user } = JSON.parse(text) as { user?: unknown };
    return typeof user === "string" || user === null ? user : undefined;
  } catch {
    return undefined;
  }
}
