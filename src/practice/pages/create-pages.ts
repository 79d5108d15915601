import type { IncomingHttpHeaders } from "node:http";
import type { DeviceCodes } from "../authority/device-codes.ts";
import { type Exchange, type Handler, redirect, sendJson, sendPage } from "../exchange.ts";
import { strike } from "../faults/strike.ts";
import { describeStranger } from "../host-proxy.ts";
import { answerMetadata, isMetadataPath, type MetadataContext } from "../metadata/endpoints.ts";
import type { Programs } from "../programs/installed-programs.ts";
import type { RequestLog } from "../requests/request-log.ts";
import type { Snapshots } from "../snapshots/snapshots.ts";
import { type AuthorizeContext, answerAuthorize, isAuthorizePath } from "./authorize.ts";
import {
  controlFaults,
  controlPrograms,
  controlRequests,
  controlReset,
  controlSnapshots,
  FAULTS_PATH,
  PROGRAMS_PATH,
  REQUESTS_PATH,
  RESET_PATH,
  SNAPSHOTS_PATH,
} from "./controls.ts";
import { answerDeviceLogin } from "./device-login.ts";
import { homePage, SIGN_OUT_PATH } from "./home.ts";
import { html } from "./html-markup.ts";
import { outcome } from "./layout.ts";

/** What is served over plain http: pages for people, machine metadata, and the controls. */
export interface PagesContext extends AuthorizeContext, MetadataContext {
  readonly deviceCodes: DeviceCodes;
  readonly programs: Programs;
  readonly snapshots: Snapshots;
  readonly requests: RequestLog;
}

/** Path of the controls for tests. */
export const CONTROLS_PATH = "/practice";

export function createPages(context: PagesContext): Handler {
  return async (exchange) => {
    const { request, response, url, notes } = exchange;
    const path = url.pathname;
    notes.service = "pages";
    if (isForProxy(exchange)) {
      notes.service = "proxy";
      notes.code = "NotPartOfPracticeCloud";
      sendJson(response, 403, { error: { code: notes.code, message: describeStranger(url.host) } });
    } else if (isForeign(exchange)) sendPage(response, 403, FOREIGN);
    else if (isMetadataPath(path)) await answerMetadata(context, exchange);
    else if (isBelow(FAULTS_PATH, path)) await controlFaults(context.faults, exchange);
    else if (isBelow(PROGRAMS_PATH, path)) await controlPrograms(context.programs, exchange);
    else if (isBelow(REQUESTS_PATH, path)) await controlRequests(context.requests, exchange);
    else if (isBelow(RESET_PATH, path)) await controlReset(context.snapshots, exchange);
    else if (isBelow(SNAPSHOTS_PATH, path)) await controlSnapshots(context.snapshots, exchange);
    else if (path === "/") {
      sendPage(response, 200, homePage(context.faults, url.origin, context.browserUser.person));
    } else if (path === SIGN_OUT_PATH && request.method === "POST") {
      context.browserUser.signOut();
      redirect(response, url.origin);
    } else if (path === "/devicelogin") await answerDeviceLogin(context.deviceCodes, exchange);
    else if (!isAuthorizePath(path)) sendPage(response, 404, NOT_FOUND);
    else if (!(await strike(context.faults, "authorize", exchange))) {
      await answerAuthorize(context, exchange);
    }
  };
}

const NOT_FOUND = outcome(
  false,
  "There is no such page",
  html`<p><a href="/">See what runs here.</a></p>`,
);
const FOREIGN = outcome(
  false,
  "Refused",
  html`<p>Another web site has sent this request. Open the page yourself.</p>`,
);

export function isBelow(base: string, path: string): boolean {
  return path === base || path.startsWith(`${base}/`);
}

/** Address of a VM's metadata service, which a client may request of the proxy. */
const METADATA_HOST = "169.254.169.254";

/** Whether a request is for a proxy, to another host. */
function isForProxy({ request, url }: Exchange): boolean {
  const isWhole = !request.url?.startsWith("/");
  return isWhole && !isOurs(url) && !isMetadata(url);
}

function isOurs({ hostname }: URL): boolean {
  return hostname === "127.0.0.1" || hostname === "localhost";
}

function isMetadata({ hostname, pathname }: URL): boolean {
  return hostname === METADATA_HOST && isMetadataPath(pathname);
}

/** Refuses foreign host names (DNS rebinding) and pages of other origins. */
function isForeign({ request, url }: Exchange): boolean {
  const known = isOurs(url) || isMetadata(url);
  return !known || (request.method !== "GET" && isOfOtherPage(request.headers, url.origin));
}

/** Whether a browser sends the request for a page of another origin. */
function isOfOtherPage(headers: IncomingHttpHeaders, own: string): boolean {
  const { "sec-fetch-site": site, origin } = headers;
  // `Sec-Fetch-Site` first: the origin of a page of ours may be `null`.
  if (site !== undefined) return site !== "same-origin" && site !== "none";
  return origin !== undefined && origin !== own;
}
