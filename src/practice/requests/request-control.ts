import { type Exchange, sendJson } from "../exchange.ts";
import type { RequestLog } from "./request-log.ts";

/** Where the log of requests is over HTTP, below the address of the pages. */
export const REQUESTS_PATH = "/practice/requests";

/** Answers `GET` (what came so far, the oldest first) and `DELETE` (begin anew). */
export async function controlRequests(log: RequestLog, exchange: Exchange): Promise<void> {
  const { request, response, url } = exchange;
  if (url.pathname !== REQUESTS_PATH || !["GET", "DELETE"].includes(request.method ?? "")) {
    sendJson(response, 404, { error: "GET lists the requests, and DELETE forgets them" });
    return;
  }
  if (request.method === "DELETE") log.clear();
  sendJson(response, 200, { value: log.list() });
}
