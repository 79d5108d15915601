import { randomBytes, randomInt } from "node:crypto";
import { AuthorityFailure } from "../authority/authority-failure.ts";
import type { AuthorizationCodes } from "../authority/authorization-codes.ts";
import type { BrowserUser } from "../authority/browser-user.ts";
import { readSignInRequest, type SignInRequest } from "../authority/sign-in-request.ts";
import { findUser, USERS, type User } from "../directory/people.ts";
import { TENANT } from "../directory/tenant.ts";
import { type Exchange, readForm, redirect, sendPage } from "../exchange.ts";
import type { Faults } from "../faults/faults.ts";
import { html, Markup } from "./html-markup.ts";
import { numberPage, outcome, page, userPicker } from "./layout.ts";

export interface AuthorizeContext {
  readonly authorizationCodes: AuthorizationCodes;
  readonly faults: Faults;
  readonly browserUser: BrowserUser;
  /** Pending numbers to match, by a random key. */
  readonly numbers: Map<string, string>;
}

export function isAuthorizePath(path: string): boolean {
  return /^\/[^/]+\/oauth2\/v2\.0\/authorize$/.test(path);
}

/** The authorization page. */
export async function answerAuthorize(
  context: AuthorizeContext,
  exchange: Exchange,
): Promise<void> {
  const { request, response, url } = exchange;
  let asked: SignInRequest;
  try {
    asked = readSignInRequest(url, context.faults);
  } catch (error) {
    if (!(error instanceof AuthorityFailure)) throw error;
    // Without a valid redirect URI, the error is shown to the person.
    sendPage(response, error.status, refused(error));
    return;
  }
  const posted = request.method === "POST" ? await readForm(request) : new URLSearchParams();
  const user = findUser(posted.get("user") ?? "") ?? context.browserUser.current;
  if (posted.get("answer") === "cancel") {
    reply(exchange, asked, {
      error: "access_denied",
      error_description:
        "AADSTS65004: The resource owner or authorization server denied the request.",
    });
  } else if (!user) {
    sendPage(response, 200, askForUser(asked));
  } else {
    finish(context, exchange, asked, user, posted);
  }
}

function finish(
  context: AuthorizeContext,
  exchange: Exchange,
  asked: SignInRequest,
  user: User,
  posted: URLSearchParams,
): void {
  const { secondFactor, application, grant, redirectUri, challenge, parameters } = asked;
  if (secondFactor && !context.browserUser.current) {
    const key = posted.get("match") ?? "";
    const number = context.numbers.get(key);
    context.numbers.delete(key);
    if (number === undefined || posted.get("number")?.trim() !== number) {
      const text = number === undefined ? undefined : WRONG_NUMBER;
      sendPage(exchange.response, text ? 400 : 200, askForNumber(context, asked, user, text));
      return;
    }
  }
  context.browserUser.signIn(user);
  const methods = secondFactor ? ["pwd", "mfa"] : ["pwd"];
  const nonce = parameters.get("nonce");
  const code = context.authorizationCodes.issue({
    clientId: application.clientId,
    redirectUri,
    challenge,
    grant,
    user,
    authentication: { methods, at: Date.now() },
    ...(nonce !== null && { nonce }),
  });
  const info = JSON.stringify({ uid: user.id, utid: TENANT.id });
  reply(exchange, asked, { code, client_info: Buffer.from(info).toString("base64url") });
}

/** Returns the answer to the program, by the requested response mode. */
function reply(
  { response }: Exchange,
  { redirectUri, parameters }: SignInRequest,
  answer: Record<string, string>,
): void {
  const state = parameters.get("state");
  const fields = { ...answer, ...(state !== null && { state }) };
  if (parameters.get("response_mode") === "form_post") {
    sendPage(response, 200, formPost(redirectUri, fields));
    return;
  }
  const target = new URL(redirectUri);
  for (const [name, value] of Object.entries(fields)) target.searchParams.set(name, value);
  redirect(response, target.href);
}

/** OAuth 2.0 Form Post Response Mode: a form that submits itself. */
function formPost(redirectUri: string, fields: Record<string, string>): string {
  const inputs = Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
  return page(
    "Back to the notebook",
    html`<h1>Back to the notebook</h1>
<form method="post" action="${redirectUri}">${inputs}
<p class="soft">If nothing happens, go on by hand.</p>
<div class="actions"><button class="main" autofocus>Continue</button></div>
</form>
${new Markup("<script>document.forms[0].submit()</script>")}`,
  );
}

function askForUser({ application, grant, parameters }: SignInRequest): string {
  const hint = findUser(parameters.get("login_hint") ?? "");
  const users = hint ? [hint, ...USERS.filter((user) => user !== hint)] : USERS;
  return page(
    "Sign in",
    html`<h1>Sign in</h1>
<p class="soft"><b>${application.name}</b> asks for access to <b>${grant.resource.name}</b>.
Pick an account.</p>
<form method="post">
${userPicker(users)}
<div class="actions"><button name="answer" value="cancel">Cancel</button></div>
</form>`,
  );
}

const WRONG_NUMBER = "That was not the number on the page. Here is a new one.";

function askForNumber(
  context: AuthorizeContext,
  { application }: SignInRequest,
  user: User,
  text: string | undefined,
): string {
  const key = randomBytes(16).toString("base64url");
  const number = String(randomInt(10, 100));
  context.numbers.set(key, number);
  return numberPage({ number, user, application: application.name, text, hidden: { match: key } });
}

function refused(failure: AuthorityFailure): string {
  return outcome(
    false,
    "Sorry, but we're having trouble signing you in",
    html`<p>AADSTS${failure.number}: ${failure.message}</p>`,
  );
}
