import { existsSync } from "node:fs";
import type { KnownSecret } from "../core/redact.ts";

/** Variables and parameters whose values are secrets, going by their names. */
const SECRET_NAME =
  /SECRET|PASSWORD|PASSWD|PASSPHRASE|_PASS$|TOKEN|CREDENTIAL|(ACCESS|ACCOUNT|API|STORAGE|PRIVATE|SIGNING|ENCRYPTION)_?KEY|SAS$|_PAT$|CONNECTION_?STRING|^IDENTITY_HEADER$/i;
/** These say where a secret is, or how much of what is no secret. */
const LOCATION_NAME = /_(FILE|PATH|DIR|FOLDER|TYPE|NAME)$|^MAX_|_MAX$|PARALLELISM$/i;
/** Secret parts of connection strings, which also stand alone. */
const PARTS = /(?:AccountKey|SharedAccessKey|SharedAccessSignature|Password|Pwd|sig)=([^;&]+)/gi;

/** Whether what has this name is a secret: `DB_PASSWORD`, `clientSecret`, but not `maxTokens`. */
export function isSecretName(name: string): boolean {
  const words = name.replace(/([a-z\d])([A-Z])/g, "$1_$2");
  return SECRET_NAME.test(words) && !LOCATION_NAME.test(words);
}

/**
 * The secrets among the variables of an environment, whatever they begin with. What is only the
 * place of one is none: the path of a file that is there, an address without a password or signature.
 */
export function environmentSecrets(env: NodeJS.ProcessEnv): KnownSecret[] {
  return Object.entries(env).flatMap(([name, value = ""]) => {
    if (!isSecretName(name)) return [];
    const kind = `value of the variable ${name}`;
    const parts = [...value.matchAll(PARTS)].map(([, part = ""]) => part);
    const whole = isPlace(value) ? [passwordOf(value)] : [value];
    return [...whole, ...parts]
      .filter((each) => each !== "")
      .map((each) => ({ kind, value: each }));
  });
}

const ADDRESS = /^[a-z][\w+.-]*:\/\//i;

function isPlace(value: string): boolean {
  return ADDRESS.test(value) || (/^[./~]|^[a-z]:[\\/]/i.test(value) && existsSync(value));
}

function passwordOf(value: string): string {
  return (URL.parse(value)?.password ?? "").replace(/^:/, "");
}
