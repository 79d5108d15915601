import { delimiter } from "node:path";
import type { PracticeDescription } from "../description.ts";
import { quote } from "./shell-quote.ts";

/**
 * Variables that lead programs built on the Azure SDKs, in any language, to a practice cloud: who
 * they are, which certificate to trust, and where to find the programs they ask for tokens. They
 * name files where there are secrets, and hold none.
 *
 * Beside them, a program has to switch instance discovery off in its credential's options
 * (`disableInstanceDiscovery`, `disable_instance_discovery`), which no variable does.
 */
function clientVariables(description: PracticeDescription) {
  const { origin, pages, tenantId, service, certificateFile, caFile } = description;
  return {
    AZURE_AUTHORITY_HOST: origin,
    AZURE_TENANT_ID: tenantId,
    AZURE_CLIENT_ID: service.clientId,
    AZURE_CLIENT_CERTIFICATE_PATH: certificateFile,
    AZURE_POD_IDENTITY_AUTHORITY_HOST: pages,
    NODE_EXTRA_CA_CERTS: caFile,
    REQUESTS_CA_BUNDLE: caFile,
    SSL_CERT_FILE: caFile,
  };
}

/**
 * The environment of a program that is to use a practice cloud, for `child_process.spawn` and its
 * like: that of this process, with the practice cloud's variables and programs in it.
 */
export function clientEnvironment(description: PracticeDescription): Record<string, string> {
  const own = Object.entries(process.env).filter((entry): entry is [string, string] => !!entry[1]);
  return {
    ...Object.fromEntries(own),
    ...clientVariables(description),
    PATH: [description.programs, process.env.PATH].filter(Boolean).join(delimiter),
  };
}

/**
 * Shell commands that lead programs built on the Azure SDKs, in any language, to a practice cloud: who
 * they are, which certificate to trust, and where to find the programs they ask for tokens. They name
 * files where there are secrets, and hold none. Programs that are installed come before the stand-ins
 * of their names.
 *
 * @param description of the practice cloud: `cloud.description`
 * @example
 * await using cloud = await startPractice();
 * console.log(clientSettings(cloud.description));
 */
export function clientSettings(description: PracticeDescription): string {
  const variables = Object.entries(clientVariables(description));
  const lines = variables.map(([name, value]) => `export ${name}=${quote(value)}`);
  return [...lines, `export PATH="$PATH":${quote(description.programs)}`].join("\n");
}
