import { existsSync } from "node:fs";
import type { KnownSecret } from "../core/redact.ts";

/** Names of variables and parameters that hold secrets. */
const SECRET_NAME =
  /SECRET|PASSWORD|PASSWD|PASSPHRASE|_PASS$|TOKEN|CREDENTIAL|(ACCESS|ACCOUNT|API|STORAGE|PRIVATE|SIGNING|ENCRYPTION)_?KEY|SAS$|_PAT$|CONNECTION_?STRING|^IDENTITY_HEADER$/i;
/** Names that match the above but hold a location of a secret or a limit, such as MAX_TOKENS. */
const LOCATION_NAME = /_(FILE|PATH|DIR|FOLDER|TYPE|NAME)$|^MAX_|_MAX$|PARALLELISM$/i;
/** Secret parts of connection strings; each is a secret by itself. */
const PARTS = /(?:AccountKey|SharedAccessKey|SharedAccessSignature|Password|Pwd|sig)=([^;&]+)/gi;

/** Whether a name is that of a secret: `DB_PASSWORD`, `clientSecret`, but not `maxTokens`. */
export function isSecretName(name: string): boolean {
  const words = name.replace(/([a-z\d])([A-Z])/g, "$1_$2");
  return SECRET_NAME.test(words) && !LOCATION_NAME.test(words);
}

/**
 * The secrets among environment variables. A value that only locates one is not included: the path
 * of an existing file, an address without password or signature.
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
