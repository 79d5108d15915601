import type { Cloud } from "../core/cloud.ts";
import type { MimeBundle } from "./display.ts";
import { escapeHtml } from "./escape-html.ts";
import { THEME } from "./theme.ts";

const NAMES = {
  public: "Azure",
  "us-government": "Azure US Government",
  china: "Azure China",
} as const;

/** The badge of `cloud`: practice or real Azure, and the storage account in use. */
export function cloudBadge(cloud: Cloud): MimeBundle {
  const practice = cloud.kind === "practice";
  const name = practice ? "Practice cloud" : NAMES[cloud.name];
  const meaning = practice ? "on this machine, no Azure account needed" : "real data, real costs";
  const account = cloud.account ?? "no storage account chosen";
  return {
    "text/plain": `${name} (${meaning}) · ${account}`,
    "text/html": html({ practice, name, meaning, account }),
  };
}

interface BadgeText {
  practice: boolean;
  name: string;
  meaning: string;
  account: string;
}

function html({ practice, name, meaning, account }: BadgeText): string {
  const colour = practice ? "#2e7d32" : "#c62828";
  const chip = `padding:2px 10px;border-radius:10px;background:${colour};color:#fff;font-weight:600`;
  return (
    `<div style="font-family:${THEME.sans};font-size:13px;line-height:2;color:${THEME.text}">` +
    `<span style="${chip}">${name}</span> <span style="color:${THEME.faint}">${meaning}</span> ` +
    `· <b>${escapeHtml(account)}</b></div>`
  );
}
