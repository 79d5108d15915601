// @peculiar/x509 needs the Reflect metadata API before it loads.
import "reflect-metadata";
import { execFile } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, createServer } from "node:tls";
import { promisify } from "node:util";
import * as x509 from "@peculiar/x509";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type KeyedCertificate,
  makeAuthority,
  makeServerCertificate,
} from "../../src/practice/certificates.ts";

const run = promisify(execFile);
const EC = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

describe("whoever has the key of the practice authority", () => {
  let authority: KeyedCertificate;
  let folder: string;
  beforeAll(async () => {
    authority = await makeAuthority();
    folder = mkdtempSync(join(tmpdir(), "notelake-authority-"));
    writeFileSync(join(folder, "ca.pem"), authority.certificate);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** A certificate for one name, signed as the practice cloud signs its own. */
  async function sign(name: string, type: "dns" | "ip" = "dns"): Promise<KeyedCertificate> {
    const issuer = new x509.X509Certificate(authority.certificate);
    const der = x509.PemConverter.decodeFirst(authority.key);
    const signingKey = await crypto.subtle.importKey("pkcs8", der, EC, false, ["sign"]);
    const keys = await crypto.subtle.generateKey(EC, true, ["sign", "verify"]);
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: "4711",
      subject: "CN=somebody",
      issuer: issuer.subject,
      notAfter: new Date(Date.now() + 3_600_000),
      publicKey: keys.publicKey,
      signingKey,
      signingAlgorithm: EC,
      extensions: [
        await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension([{ type, value: name }]),
      ],
    });
    const pkcs8 = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
    const key = x509.PemConverter.encode(pkcs8, "PRIVATE KEY");
    return { certificate: certificate.toString("pem"), key };
  }

  /** What Node says to a server that shows the certificate: `ok`, or its refusal. */
  async function byNode({ certificate, key }: KeyedCertificate, host: string): Promise<string> {
    const server = createServer({ cert: certificate, key }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const socket = connect({
      port,
      host: "127.0.0.1",
      ca: authority.certificate,
      // TLS names no address in its greeting, but checks it.
      ...(host === "127.0.0.1" ? {} : { servername: host }),
    });
    try {
      await once(socket, "secureConnect");
      return "ok";
    } catch (error) {
      return (error as Error).message;
    } finally {
      socket.destroy();
      server.close();
    }
  }

  async function byOpenSsl({ certificate }: KeyedCertificate): Promise<string> {
    const file = join(folder, "server.pem");
    writeFileSync(file, certificate);
    const words = ["verify", "-x509_strict", "-purpose", "sslserver"];
    return run("openssl", [...words, "-CAfile", join(folder, "ca.pem"), file]).then(
      () => "ok",
      ({ stderr }) => /error \d+ at .*: (.*)/.exec(stderr)?.[1] ?? stderr,
    );
  }

  it.each([
    "github.com",
    "example.org",
    "graph.microsoft.com",
    "portal.azure.com",
    "core.windows.net",
    "xlogin.microsoftonline.com",
  ])("can prove to nobody to be %s", async (name) => {
    const certificate = await sign(name);
    expect(await byNode(certificate, name)).toBe("permitted subtree violation");
    expect(await byOpenSsl(certificate)).toBe("permitted subtree violation");
  });

  it("can prove to nobody to be at another address", async () => {
    expect(await byOpenSsl(await sign("10.0.0.1", "ip"))).toBe("permitted subtree violation");
    expect(await byOpenSsl(await sign("::1", "ip"))).toBe("permitted subtree violation");
  });

  it.each([
    "localhost",
    "login.microsoftonline.com",
    "contosolake.dfs.core.windows.net",
    "old.azuredatalakestore.net",
  ])("can prove to be %s, which the practice cloud serves", async (name) => {
    const certificate = await sign(name);
    expect(await byNode(certificate, name)).toBe("ok");
    expect(await byOpenSsl(certificate)).toBe("ok");
  });

  it("signs the server's own certificate, for every name and for little more than a year", async () => {
    const server = await makeServerCertificate(authority);
    expect(await byOpenSsl(server)).toBe("ok");
    for (const host of ["127.0.0.1", "localhost", "some.blob.core.windows.net"]) {
      expect(await byNode(server, host)).toBe("ok");
    }
    for (const { certificate } of [authority, server]) {
      const { validFromDate, validToDate } = new X509Certificate(certificate);
      const days = (validToDate.getTime() - validFromDate.getTime()) / 86_400_000;
      expect(days).toBeLessThanOrEqual(397);
    }
  });
});
