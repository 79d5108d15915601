import { type Exchange, readText, sendJson } from "../exchange.ts";
import { readFault } from "../faults/fault.ts";
import type { Faults } from "../faults/faults.ts";
import { PROGRAM_NAMES, type Programs } from "../programs/installed-programs.ts";
import type { RequestLog } from "../requests/request-log.ts";
import type { Snapshots } from "../snapshots/snapshots.ts";

/** Where faults are controlled over HTTP, below the address of the pages. */
export const FAULTS_PATH = "/practice/faults";

/** `GET` lists faults, `POST` adds one (201 with its id), `DELETE` removes one or all. */
export async function controlFaults(faults: Faults, exchange: Exchange): Promise<void> {
  const { request, response, url } = exchange;
  const id = url.pathname.slice(FAULTS_PATH.length + 1);
  if (request.method === "GET" && id === "") {
    sendJson(response, 200, { value: faults.list() });
  } else if (request.method === "POST" && id === "") {
    await addFault(faults, exchange);
  } else if (request.method === "DELETE" && id === "") {
    faults.clear();
    sendJson(response, 200, { value: [] });
  } else if (request.method === "DELETE" && faults.remove(id)) {
    sendJson(response, 200, { value: faults.list() });
  } else {
    sendJson(response, 404, { error: "there is no such fault" });
  }
}

async function addFault(faults: Faults, { request, response }: Exchange): Promise<void> {
  const text = await readText(request);
  try {
    const { id } = faults.add(readFault(JSON.parse(text)));
    sendJson(response, 201, { id });
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error;
    sendJson(response, 400, { error: error.message });
  }
}

/** Where the practice programs are signed in and out over HTTP, below the address of the pages. */
export const PROGRAMS_PATH = "/practice/programs";

/**
 * `GET` (who is signed in) and `PUT` of `{"user": "ada@contoso.com"}` or `{"user": null}` to a
 * program's path, such as `/practice/programs/az`.
 */
export async function controlPrograms(programs: Programs, exchange: Exchange): Promise<void> {
  const { request, response, url } = exchange;
  const requested = url.pathname.slice(PROGRAMS_PATH.length + 1);
  const program = PROGRAM_NAMES.find((name) => name === requested);
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
  } else if (request.method !== "GET" || requested !== "") {
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

/** Where the log of requests is over HTTP, below the address of the pages. */
export const REQUESTS_PATH = "/practice/requests";

/** `GET` (requests so far, the oldest first) and `DELETE` (clear). */
export async function controlRequests(log: RequestLog, exchange: Exchange): Promise<void> {
  const { request, response, url } = exchange;
  if (url.pathname !== REQUESTS_PATH || !["GET", "DELETE"].includes(request.method ?? "")) {
    sendJson(response, 404, { error: "GET lists the requests, and DELETE forgets them" });
    return;
  }
  if (request.method === "DELETE") log.clear();
  sendJson(response, 200, { value: log.list() });
}

/** Where the practice cloud is reset and snapshots are kept over HTTP, below the pages' address. */
export const RESET_PATH = "/practice/reset";
export const SNAPSHOTS_PATH = "/practice/snapshots";

/** Answers `POST /practice/reset`. */
export async function controlReset(snapshots: Snapshots, exchange: Exchange): Promise<void> {
  const { request, response, url } = exchange;
  if (request.method !== "POST" || url.pathname !== RESET_PATH) {
    sendJson(response, 404, { error: "a reset is asked for by POST" });
    return;
  }
  await attempt(exchange, () => snapshots.reset());
}

/** `GET` (list), and below the path `PUT /NAME` (save), `POST /NAME/restore` and `DELETE /NAME`. */
export async function controlSnapshots(snapshots: Snapshots, exchange: Exchange): Promise<void> {
  const { request, response, url } = exchange;
  const [name = "", verb] = url.pathname.slice(SNAPSHOTS_PATH.length + 1).split("/");
  const asked = `${request.method}${name && " NAME"}${verb ? ` ${verb}` : ""}`;
  if (asked === "GET") sendJson(response, 200, { value: snapshots.list() });
  else if (asked === "PUT NAME") await attempt(exchange, () => snapshots.save(name));
  else if (asked === "POST NAME restore") await attempt(exchange, () => snapshots.restore(name));
  else if (asked === "DELETE NAME") await attempt(exchange, () => snapshots.remove(name));
  else sendJson(response, 404, { error: "GET, PUT NAME, POST NAME/restore or DELETE NAME" });
}

async function attempt({ response }: Exchange, work: () => Promise<void>): Promise<void> {
  try {
    await work();
    response.writeHead(204).end();
  } catch (error) {
    const status = error instanceof RangeError ? 404 : 500;
    sendJson(response, status, { error: error instanceof Error ? error.message : "unknown" });
  }
}
