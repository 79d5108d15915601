import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { CloudName } from "./cloud.ts";
import { CloudError } from "./errors.ts";

/** A cloud, and the defaults in it. */
export interface CloudSettings {
  /** `practice` runs on this machine with no Azure account; the others are Azure itself. */
  cloud?: "practice" | CloudName;
  /** Directory to sign in to: an id or a domain name. */
  tenantId?: string;
  /** Application that people sign in to. */
  clientId?: string;
  subscriptionId?: string;
  /** Storage account that a bare file system name refers to. */
  account?: string;
}

/** File of a project's settings; git should ignore it. */
export const SETTINGS_FILE = join(".notelake", "settings.json");

const VARIABLES: Readonly<Record<keyof CloudSettings, string>> = {
  cloud: "NOTELAKE_CLOUD",
  tenantId: "AZURE_TENANT_ID",
  clientId: "AZURE_CLIENT_ID",
  subscriptionId: "AZURE_SUBSCRIPTION_ID",
  account: "NOTELAKE_ACCOUNT",
};

const NAMES = Object.keys(VARIABLES) as (keyof CloudSettings)[];
const CLOUDS = ["practice", "public", "us-government", "china"];

/**
 * The settings: those given, then the environment's, then those of the nearest
 * `.notelake/settings.json` at or above `folder`. The file applies to the cloud that it names: with
 * another cloud, its values are ignored.
 *
 * @throws CloudError `BAD_SETTINGS` with the place of an invalid value
 */
export function readSettings(
  given: CloudSettings,
  environment: NodeJS.ProcessEnv = process.env,
  folder: string = process.cwd(),
): CloudSettings {
  const settings: CloudSettings = {};
  for (const name of NAMES) {
    const value = given[name] ?? (environment[VARIABLES[name]] || undefined);
    if (value !== undefined) Object.assign(settings, { [name]: value });
  }
  check(settings.cloud, given.cloud ? "the options of connect" : VARIABLES.cloud);
  const file = settingsFile(folder);
  if (!file) return settings;
  const stored = readFile(file);
  check(stored.cloud, file);
  if (settings.cloud && settings.cloud !== stored.cloud) return settings;
  return { ...stored, ...settings };
}

function settingsFile(folder: string): string | undefined {
  const file = join(folder, SETTINGS_FILE);
  if (existsSync(file)) return file;
  const parent = dirname(folder);
  return parent === folder ? undefined : settingsFile(parent);
}

function readFile(file: string): CloudSettings {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new CloudError("BAD_SETTINGS", `${file} is not readable as JSON`, {
      hint: `Write it as {"cloud": "public", "tenantId": "…", "account": "…"}, or delete it.`,
      cause,
    });
  }
  const stored: CloudSettings = {};
  for (const [name, value] of Object.entries(content ?? {})) {
    if (!(name in VARIABLES) || typeof value !== "string") {
      throw new CloudError("BAD_SETTINGS", `${file} sets ${name}, which means nothing here`, {
        hint: `It may set ${NAMES.join(", ")}, each to a text.`,
      });
    }
    Object.assign(stored, { [name]: value });
  }
  return stored;
}

function check(cloud: string | undefined, place: string): void {
  if (cloud === undefined || CLOUDS.includes(cloud)) return;
  throw new CloudError("BAD_SETTINGS", `${place} names the cloud ${JSON.stringify(cloud)}`, {
    hint: `Use one of ${CLOUDS.join(", ")}.`,
  });
}
