import { SignInError } from "../../core/errors.ts";

/**
 * Converts a PFX file (PKCS #12, RFC 7292) to PEM. Node uses such files for TLS and does not return
 * the key; the library knows the ciphers of Windows and of OpenSSL 3.
 *
 * @param where name of the file in messages
 * @throws SignInError `BAD_CERTIFICATE`
 */
export async function readPfx(bytes: Buffer, password: string, where: string): Promise<string> {
  const { default: forge } = await import("node-forge");
  const { pki, pkcs12, asn1 } = forge;
  const { keyBag, pkcs8ShroudedKeyBag, certBag } = pki.oids;
  let file: ReturnType<typeof pkcs12.pkcs12FromAsn1>;
  try {
    const tree = asn1.fromDer(bytes.toString("latin1"));
    try {
      file = pkcs12.pkcs12FromAsn1(tree, true, password);
    } catch (error) {
      // The MAC is computed from the password in UTF-16, and newer ciphers from UTF-8, but the
      // library uses one form for both. The MAC was verified at this point: it is left out.
      if (!isDecryption(error) || !Array.isArray(tree.value)) throw error;
      tree.value.splice(2);
      file = pkcs12.pkcs12FromAsn1(tree, true, forge.util.encodeUtf8(password));
    }
  } catch (error) {
    const wrong = error instanceof Error && /password|MAC|decrypt/i.test(error.message);
    throw new SignInError(
      "BAD_CERTIFICATE",
      wrong
        ? `${where}: the password does not open it`
        : `${where} is neither a PEM nor a PFX file`,
      wrong ? { hint: "Give the PFX file's password." } : {},
    );
  }
  const bags = (type: string | undefined) =>
    type === undefined ? [] : (file.getBags({ bagType: type })[type] ?? []);
  const blocks: string[] = [];
  for (const { key } of [...bags(pkcs8ShroudedKeyBag), ...bags(keyBag)]) {
    // The library reads RSA keys only, as Microsoft Entra ID does.
    if (key) blocks.push(pki.privateKeyInfoToPem(pki.wrapRsaPrivateKey(pki.privateKeyToAsn1(key))));
  }
  for (const { cert } of bags(certBag)) {
    if (cert) blocks.push(pki.certificateToPem(cert));
  }
  return blocks.join("");
}

function isDecryption(error: unknown): boolean {
  return error instanceof Error && /decrypt/i.test(error.message);
}
