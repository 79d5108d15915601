import type { User } from "../directory/people.ts";
import { html, type Markup } from "./html-markup.ts";
import { message } from "./layout.ts";

/** A second factor to show: a number on the page that the person types on a practice phone. */
export interface NumberMatch {
  readonly number: string;
  readonly user: User;
  /** Name of the program that asks. */
  readonly application: string;
  /** What was wrong with the last answer. */
  readonly text?: string | undefined;
  /** Fields that the form sends along with `user`, `number` and `answer`. */
  readonly hidden: Readonly<Record<string, string>>;
}

export function numberMatch({ number, user, application, text, hidden }: NumberMatch): Markup {
  const fields = Object.entries({ ...hidden, user: user.upn });
  return html`<p>Your second factor asks for the number that this page shows.</p>
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
</form>`;
}
