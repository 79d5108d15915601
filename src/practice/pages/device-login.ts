import type { DeviceCodes, DeviceSignIn } from "../authority/device-codes.ts";
import { findApplication } from "../directory/applications.ts";
import { displayName, findUser, USERS, type User } from "../directory/people.ts";
import { type Exchange, readForm, sendPage } from "../exchange.ts";
import { html } from "./html-markup.ts";
import { message, numberPage, outcome, page, userPicker } from "./layout.ts";

/** The device login page. */
export async function answerDeviceLogin(codes: DeviceCodes, exchange: Exchange): Promise<void> {
  const { request, response, url } = exchange;
  if (request.method !== "POST") {
    sendPage(response, 200, askForCode(url.searchParams.get("otc") ?? ""));
    return;
  }
  const form = await readForm(request);
  const typed = form.get("code") ?? "";
  const signIn = codes.find(typed);
  if (signIn === undefined) {
    const text = typed.trim() === "" ? EMPTY : UNKNOWN;
    sendPage(response, 400, askForCode(typed, text));
  } else if (signIn === "expired") {
    sendPage(response, 400, askForCode("", EXPIRED));
  } else {
    advance(codes, signIn, form, exchange);
  }
}

const EMPTY = "Type the code that the program shows you.";
const UNKNOWN =
  "That code didn't work. Check it and try again; a code that was used once is no good any more.";
const EXPIRED =
  "That code has expired. Go back to the notebook, run the cell again and type the new code.";

/** The next step: pick a user, match the number, done; or cancel. */
function advance(
  codes: DeviceCodes,
  signIn: DeviceSignIn,
  form: URLSearchParams,
  { response }: Exchange,
): void {
  const user = findUser(form.get("user") ?? "");
  const answer = form.get("answer");
  if (answer === "cancel") {
    signIn.state = "declined";
    sendPage(response, 200, CANCELLED);
  } else if (!user) {
    sendPage(response, 200, askForUser(signIn));
  } else if (answer !== "approve") {
    sendPage(response, 200, askForNumber(signIn, user));
  } else if (form.get("number")?.trim() !== signIn.number) {
    const text = "That is not the number on this page. Type the number shown above.";
    sendPage(response, 400, askForNumber(signIn, user, text));
  } else {
    codes.approve(signIn, user);
    sendPage(response, 200, signedIn(user));
  }
}

function askForCode(typed: string, text?: string): string {
  return page(
    "Enter the code",
    html`<h1>Enter the code</h1>
<p class="soft">A program asks to sign you in. It shows you a code: type it here.</p>
<form method="post">
${message(text)}
<label for="code">Code</label>
<input class="code" type="text" id="code" name="code" value="${typed}" maxlength="12" required
  autofocus autocomplete="off" autocapitalize="characters" spellcheck="false"
  aria-invalid="${text === undefined ? "false" : "true"}" aria-describedby="message">
<div class="actions"><button class="main">Next</button></div>
</form>`,
  );
}

function askForUser(signIn: DeviceSignIn): string {
  return page(
    "Pick an account",
    html`<h1>Pick an account</h1>
<p class="soft"><b>${applicationName(signIn)}</b> asks for access to
<b>${signIn.grant.resource.name}</b>. Go on only if you started it yourself.</p>
<form method="post">
<input type="hidden" name="code" value="${signIn.userCode}">
${userPicker(USERS)}
<div class="actions"><button name="answer" value="cancel">Cancel</button></div>
</form>`,
  );
}

function askForNumber(signIn: DeviceSignIn, user: User, text?: string): string {
  const { number, userCode: code } = signIn;
  return numberPage({ number, user, application: applicationName(signIn), text, hidden: { code } });
}

function signedIn(user: User): string {
  const text = html`<p>${displayName(user)}, the program that showed you the code continues as
<b>${user.upn}</b>.</p><p class="soft">Go back to the notebook. You can close this tab.</p>`;
  return outcome(true, "You are signed in", text);
}

const CANCELLED = outcome(
  false,
  "Sign-in cancelled",
  html`<p>Nobody was signed in, and the program has been told.</p>
<p class="soft">You can close this tab.</p>`,
);

function applicationName({ clientId }: DeviceSignIn): string {
  return findApplication(clientId)?.name ?? clientId;
}
