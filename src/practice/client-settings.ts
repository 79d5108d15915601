import type { PracticeDescription } from "./description.ts";

/**
 * Shell commands that lead programs built on the Azure SDKs, in any language, to a practice cloud:
 * who they are, which certificate to trust, and where to find the programs they ask for tokens.
 * They name files where there are secrets, and hold none.
 *
 * Beside them, a program has to switch instance discovery off in its credential's options
 * (`disableInstanceDiscovery`, `disable_instance_discovery`), which no variable does.
 *
 * @param caFile PEM file with the description's `ca`
 */
export function clientSettings(description: PracticeDescription, caFile: string): string {
  const { origin, pages, tenantId, service, certificateFile, programs } = description;
  const variables = {
    AZURE_AUTHORITY_HOST: origin,
    AZURE_TENANT_ID: tenantId,
    AZURE_CLIENT_ID: service.clientId,
    AZURE_CLIENT_CERTIFICATE_PATH: certificateFile,
    AZURE_POD_IDENTITY_AUTHORITY_HOST: pages,
    NODE_EXTRA_CA_CERTS: caFile,
    REQUESTS_CA_BUNDLE: caFile,
    SSL_CERT_FILE: caFile,
  };
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${quote(value)}`);
  return [...lines, `export PATH=${quote(programs)}:"$PATH"`].join("\n");
}

/** A word of a shell script, whatever is in it. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
