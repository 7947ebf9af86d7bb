const trustItsCa = "name the file of its CA in NODE_EXTRA_CA_CERTS";

/** Remedies for a rejected certificate, by Node's error code (the codes are OpenSSL's). */
const remedies: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: trustItsCa,
  SELF_SIGNED_CERT_IN_CHAIN: trustItsCa,
  UNABLE_TO_GET_ISSUER_CERT: trustItsCa,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: trustItsCa,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: trustItsCa,
  CERT_HAS_EXPIRED: "renew it",
  CERT_NOT_YET_VALID: "compare the clocks of both machines",
  ERR_TLS_CERT_ALTNAME_INVALID: "use the host name for which it was issued",
};

/** Why the certificate was rejected, and what to do; null: the error has another cause. */
export function distrustIn(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const { code = "" } = error as Error & { code?: string };
  const remedy = remedies[code];
  if (remedy === undefined) return distrustIn(error.cause);
  // After the semicolon Node adds its own advice.
  const [reason = code] = error.message.split(";");
  return `with a certificate that is not trusted (${reason}): ${remedy}`;
}
