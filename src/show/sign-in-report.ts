import type { SignInAttempt, SignInReport } from "../core/sign-in-types.ts";
import type { MimeBundle } from "./display.ts";
import { escapeHtml } from "./escape-html.ts";
import { THEME } from "./theme.ts";

/** What a sign-in tried, how it ended and who is signed in, as a table and as text. */
export function signInReport(report: SignInReport): MimeBundle {
  return { "text/plain": asText(report), "text/html": asHtml(report) };
}

const OUTCOMES: Readonly<
  Record<SignInAttempt["outcome"], { mark: string; words: string; colour: string }>
> = {
  "signed-in": { mark: "✓", words: "signed in", colour: THEME.good },
  unavailable: { mark: "–", words: "not set up", colour: THEME.faint },
  failed: { mark: "✕", words: "refused", colour: THEME.bad },
  "timed-out": { mark: "✕", words: "no answer", colour: THEME.warn },
};

function headline({ account, cloud, attempts, restriction }: SignInReport): string {
  const where = cloud === "practice" ? "the practice cloud" : `Azure (${cloud})`;
  const limited = restriction ? `, with AZURE_TOKEN_CREDENTIALS=${restriction}` : "";
  if (account) return `Signed in to ${where} as ${account.name}${limited}`;
  const tried = attempts.length === 1 ? "1 credential" : `${attempts.length} credentials`;
  return `Not signed in to ${where}: ${tried} tried${limited}`;
}

/** Facts about who is signed in, as label and value. */
function facts({ account, expiresOn }: SignInReport): readonly (readonly [string, string])[] {
  if (!account) return [];
  const { username, name, tenantId, objectId } = account;
  return [
    ...(username && username !== name
      ? [[account.kind === "user" ? "user" : "application", username] as const]
      : []),
    ...(tenantId ? [["tenant", tenantId] as const] : []),
    ...(objectId ? [["object id", objectId] as const] : []),
    ...(expiresOn ? [["token until", `${stamp(expiresOn)}, renewed by itself`] as const] : []),
  ];
}

function asText(report: SignInReport): string {
  const { attempts } = report;
  const width = Math.max(0, ...attempts.map(({ name }) => name.length));
  const labels = facts(report);
  const labelWidth = Math.max(0, ...labels.map(([label]) => label.length));
  const indent = " ".repeat(4 + width + 2);
  return [
    `${headline(report)} (${seconds(report.milliseconds)})`,
    ...labels.map(([label, value]) => `  ${label.padEnd(labelWidth)}  ${value}`),
    ...attempts.map((attempt) => {
      const { mark, words } = OUTCOMES[attempt.outcome];
      const { name, outcome, reason = words, remedy, milliseconds } = attempt;
      const came = outcome === "signed-in" && reason !== words ? `${words}: ${reason}` : reason;
      const line = `  ${mark} ${name.padEnd(width)}  ${came} (${seconds(milliseconds)})`;
      return remedy ? `${line}\n${indent}${remedy}` : line;
    }),
  ].join("\n");
}

function asHtml(report: SignInReport): string {
  const details = facts(report)
    .map(([label, value]) => `${label} <b style="font-weight:600">${escapeHtml(value)}</b>`)
    .join(" &nbsp;·&nbsp; ");
  const rows = report.attempts.map(row).join("");
  return `<div style="max-width:60em;margin:.4em 0;color:${THEME.text};
font-family:${THEME.sans};font-size:13px;line-height:1.5">
<div style="font-weight:600;font-size:14px">${escapeHtml(headline(report))}</div>
${details && `<div style="color:${THEME.faint};overflow-wrap:anywhere">${details}</div>`}
<table style="border-collapse:collapse;margin-top:.6em;color:inherit;font:inherit">
<thead><tr>${["Credential", "Result"].map(heading).join("")}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

const CELL = `padding:.4em .8em .4em 0;text-align:left;vertical-align:top;border:0;
border-bottom:1px solid ${THEME.line};background:transparent;color:inherit`;

function heading(label: string): string {
  return `<th scope="col" style="${CELL};font-weight:600;color:${THEME.faint}">${label}</th>`;
}

function row({ name, outcome, milliseconds, reason, remedy }: SignInAttempt): string {
  const { mark, words, colour } = OUTCOMES[outcome];
  const why = reason ? `<div>${escapeHtml(sentence(reason))}</div>` : "";
  const fix = remedy
    ? `<div style="color:${THEME.faint}">${escapeHtml(sentence(remedy)).replace(/`([^`]+)`/g, code)}</div>`
    : "";
  const result = `<span aria-hidden="true" style="color:${colour}">${mark}</span> ${words}
<span style="color:${THEME.faint}">(${seconds(milliseconds)})</span>`;
  return `<tr style="background:transparent"><th scope="row" style="${CELL};font-weight:600">${escapeHtml(name)}</th>
<td style="${CELL};overflow-wrap:anywhere">${result}${why}${fix}</td></tr>`;
}

function code(_match: string, command: string): string {
  return `<code style="font-family:${THEME.mono};background:${THEME.raised};padding:.1em .3em;
border-radius:3px;color:${THEME.text}">${command}</code>`;
}

/** Reasons are written to follow a colon; here they stand alone. */
function sentence(clause: string): string {
  const first = clause.split(" ", 1)[0] ?? "";
  const capital = /^[a-z]+$/.test(first) && !COMMANDS.has(first);
  return capital ? clause.charAt(0).toUpperCase() + clause.slice(1) : clause;
}

const COMMANDS = new Set(["az", "azd", "pwsh"]);

/** `0.004 s` tells nobody anything: milliseconds below a second, seconds above. */
function seconds(milliseconds: number): string {
  return milliseconds < 1000 ? `${milliseconds} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** `2026-03-01 14:05 UTC`: the same wherever the notebook is read. */
function stamp(time: Date): string {
  return `${time.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
