import type { DeviceCodes } from "../authority/device-codes.ts";
import { type Exchange, type Handler, sendPage } from "../exchange.ts";
import { answerDeviceLogin } from "./device-login.ts";
import { homePage } from "./home.ts";
import { html } from "./html.ts";
import { outcome } from "./layout.ts";

/** The pages that people see in a browser. */
export function createPages(context: { readonly deviceCodes: DeviceCodes }): Handler {
  return async (exchange) => {
    const { response, url } = exchange;
    if (isForeign(exchange)) sendPage(response, 403, FOREIGN);
    else if (url.pathname === "/") sendPage(response, 200, homePage());
    else if (url.pathname === "/devicelogin")
      await answerDeviceLogin(context.deviceCodes, exchange);
    else sendPage(response, 404, NOT_FOUND);
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

/**
 * Keeps other web sites out: a host name that someone has pointed at 127.0.0.1 is not ours, and
 * no other site may post a form here.
 */
function isForeign({ request, url }: Exchange): boolean {
  const ours = url.hostname === "127.0.0.1" || url.hostname === "localhost";
  const crossSite = request.headers["sec-fetch-site"] === "cross-site";
  return !ours || (crossSite && request.method !== "GET");
}
