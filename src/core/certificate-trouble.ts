/** What is wrong with a connection's certificate, and what to do. */
export interface CertificateTrouble {
  /** A clause: `is not trusted`. */
  readonly reason: string;
  readonly remedy: string;
}

const CERTIFICATE =
  /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)|ALTNAME|DEPTH_ZERO|^ERR_SSL|^ERR_TLS/;
const BY_CLOCK: Readonly<Record<string, string>> = {
  CERT_NOT_YET_VALID: "is not valid yet",
  CERT_HAS_EXPIRED: "has expired",
};

/** The meaning of a failed connection's `code`; undefined when not about a certificate. */
export function certificateTrouble(code: string): CertificateTrouble | undefined {
  if (!CERTIFICATE.test(code)) return;
  const byClock = BY_CLOCK[code];
  if (byClock) {
    // Azure renews certificates months ahead: the clock of this machine is wrong.
    const now = new Date().toISOString().slice(0, 16).replace("T", " ");
    return {
      reason: `${byClock} by this machine's clock (${code})`,
      remedy:
        `The clock says ${now} UTC. If that is wrong, set it: timedatectl set-ntp true, ` +
        "w32tm /resync. If it is right, the certificate is at fault, and whoever owns it must renew it.",
    };
  }
  return {
    reason: `is not trusted (${code})`,
    remedy:
      "A proxy that reads TLS traffic needs its own certificate: set NODE_EXTRA_CA_CERTS to it before the kernel starts.",
  };
}
