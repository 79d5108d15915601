import { Unavailable } from "../sign-in-failure.ts";
import { probe } from "../traffic/probe.ts";

/** It is part of the machine, and answers within milliseconds where there is one. */
const TIMEOUT_MILLISECONDS = 1_000;

/** Where these are set, a managed identity comes from the app's host and not from the machine. */
const OTHER_SOURCES = ["IDENTITY_ENDPOINT", "MSI_ENDPOINT"];
/** Where all of these are set and an identity is named, it comes from Kubernetes. */
const EXCHANGE = ["AZURE_FEDERATED_TOKEN_FILE", "AZURE_TENANT_ID"];

/**
 * Makes sure that the instance metadata service answers at all, if it is what gives the identity.
 * The Azure SDK asks for a token at once and goes on asking: for a minute where nothing answers,
 * as on most machines outside of Azure.
 *
 * @throws Unavailable
 */
export async function checkMetadataService(clientId: string | undefined): Promise<void> {
  if (OTHER_SOURCES.some((name) => process.env[name])) return;
  if (clientId && EXCHANGE.every((name) => process.env[name])) return;
  const host = process.env.AZURE_POD_IDENTITY_AUTHORITY_HOST ?? "http://169.254.169.254";
  const started = performance.now();
  try {
    // Without the header `Metadata: true` it refuses right away, which is answer enough.
    await probe(new URL("/metadata/identity/oauth2/token", host).href, TIMEOUT_MILLISECONDS);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const waited = performance.now() - started > TIMEOUT_MILLISECONDS * 0.9;
    const why = waited ? `in ${TIMEOUT_MILLISECONDS / 1000} s` : `(${code ?? "cancelled"})`;
    throw new Unavailable(
      `no answer from ${new URL(host).host} ${why}`,
      "normal off Azure; on Azure, let this address through",
    );
  }
}
