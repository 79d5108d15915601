import { type Exchange, sendJson } from "../exchange.ts";
import type { Snapshots } from "./snapshots.ts";

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

/**
 * Answers `GET` (which snapshots there are), and below the path `PUT /NAME` (save),
 * `POST /NAME/restore` and `DELETE /NAME`.
 */
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
