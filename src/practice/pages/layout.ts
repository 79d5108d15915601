import { displayName, type User } from "../directory/people.ts";
import { html, Markup } from "./html-markup.ts";
import { STYLE } from "./style.ts";

const WAVES = html`<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2"
  stroke-linecap="round" aria-hidden="true"><path d="M2 7c2.5 0 2.5 2 5 2s2.5-2 5-2 2.5 2 5 2
  2.5-2 5-2M2 12c2.5 0 2.5 2 5 2s2.5-2 5-2 2.5 2 5 2 2.5-2 5-2M2 17c2.5 0 2.5 2 5 2s2.5-2 5-2
  2.5 2 5 2 2.5-2 5-2"/></svg>`;

const CHECK = "M5 12.5l4.5 4.5L19 7.5";
const CROSS = "M7 7l10 10M17 7L7 17";

/** A whole page. */
export function page(title: string, content: Markup, brand = "Contoso practice sign-in"): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – notelake practice cloud</title>
<style>${STYLE}</style>
</head>
<body>
<div class="banner">Practice cloud on this computer. Nothing here reaches Azure, and no password is asked.</div>
<main>
<div class="brand">${WAVES}<span>${brand}</span></div>
${content}
</main>
</body>
</html>
`.text;
}

/** An error message about an input. */
export function message(text: string | undefined): Markup | undefined {
  return text === undefined
    ? undefined
    : html`<p class="message" id="message" role="alert">${text}</p>`;
}

/** The last page of a flow: success or failure. */
export function outcome(good: boolean, title: string, text: Markup): string {
  return page(
    title,
    html`<div class="mark${good ? "" : " no"}"><svg viewBox="0 0 24 24" fill="none"
stroke="currentColor" stroke-width="2.5" stroke-linecap="round" stroke-linejoin="round"
aria-hidden="true"><path d="${good ? CHECK : CROSS}"/></svg></div>
<h1>${title}</h1>
<div role="status">${text}</div>`,
  );
}

/** A button for each user, which submits the form with `user`. */
export function userPicker(users: readonly User[]): Markup {
  return html`<ul class="people">${users.map(
    (user, index) => html`<li><button class="person" name="user" value="${user.upn}"${new Markup(
      index === 0 ? " autofocus" : "",
    )}><span class="face" aria-hidden="true">${initials(user)}</span>
<span><b>${displayName(user)}</b><small>${user.upn}</small><small>${user.about}</small></span>
</button></li>`,
  )}</ul>`;
}

function initials({ givenName, familyName }: User): string {
  return `${givenName.charAt(0)}${familyName.charAt(0)}`;
}

/** Number matching: a number on the page, which the person types on a practice phone. */
interface NumberMatch {
  readonly number: string;
  readonly user: User;
  /** Name of the program that asks. */
  readonly application: string;
  /** What was wrong with the last answer. */
  readonly text?: string | undefined;
  /** Fields that the form sends along with `user`, `number` and `answer`. */
  readonly hidden: Readonly<Record<string, string>>;
}

export function numberPage({ number, user, application, text, hidden }: NumberMatch): string {
  const fields = Object.entries({ ...hidden, user: user.upn });
  return page(
    "Approve the sign-in",
    html`<h1>Approve the sign-in</h1>
<p class="soft">${displayName(user)}, ${user.upn}</p>
<p>Your second factor asks for the number that this page shows.</p>
<div class="number" aria-label="Number to match">${number}</div>
<form method="post" class="phone">
<h2>Practice phone of ${user.givenName}</h2>
<p class="soft">Are you trying to sign in to <b>${application}</b>?</p>
${message(text)}
${fields.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<label for="number">Number on the page</label>
<input class="code" type="text" id="number" name="number" inputmode="numeric" maxlength="2"
  autofocus autocomplete="off" aria-invalid="${text === undefined ? "false" : "true"}"
  aria-describedby="message">
<div class="actions">
<button class="main" name="answer" value="approve">Yes, it's me</button>
<button name="answer" value="cancel">Cancel</button>
</div>
</form>`,
  );
}
