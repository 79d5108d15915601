import { readFile } from "node:fs/promises";
import { SignInError } from "../../core/errors.ts";
import type { CertificateOptions } from "./certificate.ts";

/** The certificate and its private key as PEM, which is all that the Azure SDK reads. */
export async function readCertificate(options: CertificateOptions): Promise<string> {
  const bytes = options.content ?? (await readFile(options.path ?? ""));
  const text = typeof bytes === "string" ? bytes : Buffer.from(bytes).toString("latin1");
  if (text.includes("-----BEGIN ")) return text;
  throw new SignInError("BAD_CERTIFICATE", "the certificate is not a PEM file");
}
