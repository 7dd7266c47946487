import type { Openssl } from './openssl.js';

export const VERIFIED = 0;
/** Node's names of OpenSSL's verdicts on a certificate, as far as somebody can do something about them. */
const VERDICTS: Readonly<Record<number, string>> = {
  2: 'UNABLE_TO_GET_ISSUER_CERT',
  7: 'CERT_SIGNATURE_FAILURE',
  9: 'CERT_NOT_YET_VALID',
  10: 'CERT_HAS_EXPIRED',
  18: 'DEPTH_ZERO_SELF_SIGNED_CERT',
  19: 'SELF_SIGNED_CERT_IN_CHAIN',
  20: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  21: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  24: 'INVALID_CA',
  27: 'CERT_UNTRUSTED',
  62: 'ERR_TLS_CERT_ALTNAME_INVALID',
  64: 'ERR_TLS_CERT_ALTNAME_INVALID',
};

/** Why a certificate was not accepted. */
export function explainVerification(
  verdict: number,
  servername: string,
  { X509_verify_cert_error_string }: Openssl,
): Error & { code: string } {
  const code = VERDICTS[verdict] ?? 'CERT_REJECTED';
  const message =
    code === 'ERR_TLS_CERT_ALTNAME_INVALID'
      ? `it does not bear the name ${servername}`
      : X509_verify_cert_error_string(verdict);
  return Object.assign(new Error(message), { code });
}
