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

/** Where whoever tests something tells the practice cloud what to do. */
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

/** Where a virtual machine has its metadata service; a proxy may be asked for it like any host. */
const METADATA_HOST = "169.254.169.254";

/** Whether a client takes this for its proxy, and asks for a host that is not part of it. */
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

/**
 * Keeps other pages out: a host name that someone has pointed at 127.0.0.1 is not ours, and no
 * other page may send anything here, be it one of another port of this machine.
 */
function isForeign({ request, url }: Exchange): boolean {
  const known = isOurs(url) || isMetadata(url);
  return !known || (request.method !== "GET" && isOfOtherPage(request.headers, url.origin));
}

/** A browser says which page a request comes from; other programs say nothing. */
function isOfOtherPage(headers: IncomingHttpHeaders, own: string): boolean {
  const { "sec-fetch-site": site, origin } = headers;
  // What the browser has compared itself counts first: a page of ours may call itself `null`.
  if (site !== undefined) return site !== "same-origin" && site !== "none";
  return origin !== undefined && origin !== own;
}
