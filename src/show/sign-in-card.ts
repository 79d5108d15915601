import type { PromptOutcome, SignInPrompt } from "../core/sign-in-types.ts";
import { display, type MimeBundle } from "./display.ts";
import { escapeHtml } from "./escape-html.ts";
import { THEME } from "./theme.ts";

/** How often a card that waits is looked at: its minutes change once a minute. */
const TICK_MILLISECONDS = 5_000;

/**
 * Shows what a person must do to sign in, counts down how long a code is good, and turns the card,
 * where it stands, into how it ended.
 */
export function showSignInCard(prompt: SignInPrompt): void {
  let shown = signInCard(prompt);
  const handle = display(shown);
  const show = (next: MimeBundle) => {
    if (next["text/html"] !== shown["text/html"]) handle.update(next);
    shown = next;
  };
  const clock = setInterval(() => show(signInCard(prompt)), TICK_MILLISECONDS).unref();
  void prompt.outcome.then((outcome) => {
    clearInterval(clock);
    show(signInCard(prompt, outcome));
  });
}

/** The card while it waits, or once `outcome` is known. */
export function signInCard(prompt: SignInPrompt, outcome?: PromptOutcome): MimeBundle {
  if (!outcome) return { "text/plain": prompt.message, "text/html": waiting(prompt) };
  const text = endOf(outcome);
  const good = outcome.state === "signed-in";
  const mark = badge(good ? "✓" : "✕", good ? THEME.good : THEME.bad);
  const html = frame(
    `<div style="display:flex;gap:.75em;align-items:center">${mark}<div>${endHtml(outcome)}</div></div>`,
  );
  return { "text/plain": text, "text/html": html };
}

function waiting(prompt: SignInPrompt): string {
  const status = `<div role="status" style="color:${THEME.faint};margin-top:.9em">${spinner()} `;
  if (prompt.kind === "browser") {
    const page = prompt.url
      ? `<div style="color:${THEME.faint}">No window? Open ${link(prompt.url, "the sign-in page")} in a
browser of that machine.</div>`
      : "";
    const what = "A browser window was opened on the machine of the kernel: sign in there.";
    return frame(`<div>${what}</div>${page}${status}Waiting for the browser…</div>`);
  }
  const { userCode, verificationUri, expiresOn, reason } = prompt;
  const why = reason ? `<div style="margin-bottom:.7em">${escapeHtml(reason)}</div>` : "";
  return frame(`${why}
<div style="color:${THEME.faint}">To sign in, open</div>
${link(verificationUri, verificationUri)}
<div style="color:${THEME.faint};margin-top:.7em">and type this code</div>
<div style="display:flex;flex-wrap:wrap;gap:.6em;align-items:center;margin-top:.25em"><span
style="display:inline-block;font-family:${THEME.mono};font-size:1.9em;line-height:1.2;font-weight:600;
letter-spacing:.12em;padding:.2em .5em .2em .6em;border:1px solid ${THEME.line};border-radius:6px;
background:${THEME.raised};user-select:all;-webkit-user-select:all" title="Click to select the code"
>${escapeHtml(userCode)}</span><button type="button" onclick="${COPY}" style="font:inherit;color:inherit;
background:${THEME.raised};border:1px solid ${THEME.line};border-radius:6px;padding:.3em .9em;
cursor:pointer">Copy</button></div>
${status}Waiting for you to sign in. The code is good for ${remaining(expiresOn)}.</div>`);
}

/** Selects the code before the button and copies it, also where the page has no clipboard of its own. */
const COPY =
  "getSelection().selectAllChildren(this.previousElementSibling);" +
  "this.textContent=document.execCommand('copy')?'Copied':'Press Ctrl+C'";

/** `12 minutes`, and in the last one `40 seconds`. */
function remaining(until: Date): string {
  const seconds = Math.max(0, Math.round((until.getTime() - Date.now()) / 1000));
  if (seconds > 90) return `${Math.round(seconds / 60)} minutes`;
  return `${Math.max(5, Math.ceil(seconds / 10) * 10)} seconds`;
}

function link(address: string, text: string): string {
  return `<a href="${escapeHtml(address)}" target="_blank" rel="noopener noreferrer" style="color:${THEME.link};
font-weight:600;overflow-wrap:anywhere">${escapeHtml(text)}</a>`;
}

function endOf(outcome: PromptOutcome): string {
  if (outcome.state !== "signed-in") return `${TITLES[outcome.state]}: ${outcome.reason}`;
  const { name, username } = outcome.account;
  return name === username || !username
    ? `Signed in as ${name}.`
    : `Signed in as ${name} (${username}).`;
}

function endHtml(outcome: PromptOutcome): string {
  if (outcome.state === "signed-in") {
    return lines(`Signed in as ${outcome.account.name}`, outcome.account.username);
  }
  const { state, reason, followed } = outcome;
  const next = followed
    ? state === "expired"
      ? " The next one is below."
      : ""
    : " Run the cell again for another try.";
  return lines(TITLES[state], `${capital(reason)}.${next}`);
}

function lines(title: string, detail: string): string {
  return `<div style="font-weight:600">${escapeHtml(title)}</div>
<div style="color:${THEME.faint};overflow-wrap:anywhere">${escapeHtml(detail)}</div>`;
}

function capital(clause: string): string {
  return clause.charAt(0).toUpperCase() + clause.slice(1);
}

const TITLES = {
  declined: "Sign-in declined",
  expired: "The code has expired",
  cancelled: "Sign-in cancelled",
  "no-window": "No browser window opened",
  failed: "Sign-in failed",
} as const;

function frame(content: string): string {
  return `<div style="max-width:36em;box-sizing:border-box;margin:.4em 0;padding:1em 1.2em;
border:1px solid ${THEME.line};border-radius:8px;background:${THEME.surface};color:${THEME.text};
font-family:${THEME.sans};font-size:14px;line-height:1.5">${content}</div>`;
}

function badge(sign: string, colour: string): string {
  return `<span aria-hidden="true" style="flex:none;width:1.9em;height:1.9em;line-height:1.9em;
text-align:center;border-radius:50%;font-weight:700;color:${colour};border:2px solid ${colour}">
${sign}</span>`;
}

// SVG turns by itself; a style sheet's animation would not survive the notebook's sanitizer.
function spinner(): string {
  return `<svg width="12" height="12" viewBox="0 0 24 24" aria-hidden="true" fill="none"
stroke="currentColor" stroke-width="4" style="vertical-align:-1px"><circle cx="12" cy="12" r="9"
opacity=".25"/><path d="M21 12a9 9 0 0 0-9-9"><animateTransform attributeName="transform"
type="rotate" from="0 12 12" to="360 12 12" dur="1s" repeatCount="indefinite"/></path></svg>`;
}
