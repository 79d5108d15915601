import type { Check } from "../core/check.ts";
import type { MimeBundle } from "./display.ts";
import { escapeHtml } from "./escape-html.ts";
import { THEME } from "./theme.ts";

const STATES: Readonly<Record<Check["state"], { mark: string; colour: string }>> = {
  ok: { mark: "✓", colour: THEME.good },
  warning: { mark: "!", colour: THEME.warn },
  failed: { mark: "✕", colour: THEME.bad },
};

/**
 * What was looked at, how it is, and what to do about it.
 *
 * @param columns characters that fit in a line of the text
 */
export function doctorReport(checks: readonly Check[], columns = 100): MimeBundle {
  return { "text/plain": asText(checks, columns), "text/html": asHtml(checks) };
}

function asText(checks: readonly Check[], columns: number): string {
  const width = Math.max(0, ...checks.map(({ subject }) => subject.length));
  const indent = " ".repeat(2 + width + 2);
  const fold = (text: string) =>
    foldLines(text, Math.max(20, columns - indent.length)).replaceAll("\n", `\n${indent}`);
  return checks
    .map(({ subject, state, finding, remedy }) => {
      const line = `${STATES[state].mark} ${subject.padEnd(width)}  ${fold(finding)}`;
      return remedy ? `${line}\n${indent}${fold(remedy)}` : line;
    })
    .join("\n");
}

/** Breaks lines between words; a word that is longer than a line stays whole, to be copied. */
function foldLines(text: string, width: number): string {
  return text
    .split("\n")
    .map((line) =>
      line.replace(new RegExp(`(?!$)(.{1,${width}}|\\S+)(?: +|$)`, "g"), "$1\n").trimEnd(),
    )
    .join("\n");
}

function asHtml(checks: readonly Check[]): string {
  const cell = `padding:.3em .8em .3em 0;text-align:left;vertical-align:top;border:0;
border-bottom:1px solid ${THEME.line};background:transparent;color:inherit`;
  const rows = checks.map(({ subject, state, finding, remedy }) => {
    const { mark, colour } = STATES[state];
    const fix = remedy
      ? `<div style="color:${THEME.faint};white-space:pre-wrap">${escapeHtml(remedy)}</div>`
      : "";
    return `<tr style="background:transparent">
<td style="${cell};color:${colour};font-weight:700" title="${state}">${mark}</td>
<td style="${cell};font-weight:600">${escapeHtml(subject)}</td>
<td style="${cell};overflow-wrap:anywhere;width:75%">${escapeHtml(finding)}${fix}</td></tr>`;
  });
  return `<table style="max-width:60em;border-collapse:collapse;color:${THEME.text};
font-family:${THEME.sans};font-size:13px;line-height:1.5"><tbody>${rows.join("")}</tbody></table>`;
}
