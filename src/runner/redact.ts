import { redact } from "../core/redact.ts";

/** Variables whose values are secrets, going by their names. */
const SECRET_NAME =
  /SECRET|PASSWORD|TOKEN|CREDENTIAL|(ACCESS|ACCOUNT|API|STORAGE)_KEY|SAS$|CONNECTION_STRING/i;
/** A path or an address says where a secret is, and is none. */
const LOCATION = /^([./~]|[a-z]+:\/\/)/i;
/** Anything shorter is too likely to stand in ordinary text. */
const MIN_LENGTH = 8;

/** The secrets among the variables of an environment. */
export function environmentSecrets(env: NodeJS.ProcessEnv): string[] {
  return Object.entries(env)
    .filter(([name]) => SECRET_NAME.test(name))
    .map(([, value = ""]) => value)
    .filter((value) => value.length >= MIN_LENGTH && !LOCATION.test(value))
    .sort((a, b) => b.length - a.length);
}

/** The same structure with the secrets taken out of every text in it. */
export function redactDeep<T>(value: T, secrets: readonly string[]): T {
  if (typeof value === "string") return redact(value, secrets) as T;
  if (Array.isArray(value)) return value.map((item) => redactDeep(item, secrets)) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, redactDeep(item, secrets)]),
  ) as T;
}
