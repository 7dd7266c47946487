import { readFileSync } from 'node:fs';
import { DEFAULT_CIPHERS, rootCertificates } from 'node:tls';
import type { TlsSettings } from '../../plan/tls.js';
import { type Handle, loadOpenssl, type Openssl, readError } from './openssl.js';

const CTRL_EXTRA_CHAIN_CERT = 14;
const CTRL_MODE = 33;
const CTRL_SET_MIN_PROTO_VERSION = 123;
const MODE_PARTIAL_WRITE = 1;
const MODE_MOVING_BUFFER = 2;
// A server that hangs up without farewell is one that is gone: what it has to say is framed by its own protocol.
const OP_IGNORE_UNEXPECTED_EOF = 1n << 7n;
const OP_NO_RENEGOTIATION = 1n << 30n;
const VERIFY_NONE = 0;
const VERIFY_PEER = 1;
const VERSIONS: Readonly<Record<TlsSettings['minVersion'], number>> = { 'TLSv1.2': 0x0303, 'TLSv1.3': 0x0304 };

let last: { readonly key: string; readonly context: Handle } | undefined;

/** What connections with the same settings share: trusted authorities take a while to read. */
export function contextOf(settings: TlsSettings): Handle {
  const key = JSON.stringify(settings);
  if (last?.key === key) return last.context;
  const openssl = loadOpenssl();
  const context = openssl.SSL_CTX_new(openssl.TLS_client_method());
  try {
    fill(context, settings, openssl);
  } catch (error) {
    openssl.SSL_CTX_free(context);
    throw error;
  }
  // Whoever still uses the one before holds it.
  if (last !== undefined) openssl.SSL_CTX_free(last.context);
  last = { key, context };
  return context;
}

function fill(context: Handle, settings: TlsSettings, openssl: Openssl): void {
  const { ca, cert, key, passphrase, rejectUnauthorized, minVersion } = settings;
  openssl.SSL_CTX_ctrl(context, CTRL_MODE, MODE_PARTIAL_WRITE | MODE_MOVING_BUFFER, null);
  openssl.SSL_CTX_set_options(context, OP_IGNORE_UNEXPECTED_EOF | OP_NO_RENEGOTIATION);
  // Node's, as its own TLS uses them; those of TLS 1.3 are OpenSSL's own.
  const ciphers = DEFAULT_CIPHERS.split(':').filter((name) => !name.startsWith('TLS_'));
  openssl.SSL_CTX_set_cipher_list(context, ciphers.join(':'));
  if (openssl.SSL_CTX_ctrl(context, CTRL_SET_MIN_PROTO_VERSION, VERSIONS[minVersion], null) !== 1)
    throw readError(openssl);
  openssl.SSL_CTX_set_verify(context, rejectUnauthorized ? VERIFY_PEER : VERIFY_NONE, null);
  if (rejectUnauthorized) trust(context, ca ?? trustedByNode(), openssl);
  if (cert === undefined || key === undefined) return;
  const [own, ...chain] = readCertificates(cert, 'cert', openssl);
  for (const issuer of chain) openssl.SSL_CTX_ctrl(context, CTRL_EXTRA_CHAIN_CERT, 0, issuer);
  const secret = readKey(key, passphrase ?? '', openssl);
  const isFit =
    openssl.SSL_CTX_use_certificate(context, own) === 1 &&
    openssl.SSL_CTX_use_PrivateKey(context, secret) === 1 &&
    openssl.SSL_CTX_check_private_key(context) === 1;
  openssl.X509_free(own);
  openssl.EVP_PKEY_free(secret);
  if (!isFit) throw readError(openssl);
}

function trust(context: Handle, authorities: readonly string[], openssl: Openssl): void {
  const store = openssl.SSL_CTX_get_cert_store(context);
  for (const text of authorities) {
    for (const certificate of readCertificates(text, 'ca', openssl)) {
      openssl.X509_STORE_add_cert(store, certificate);
      openssl.X509_free(certificate);
    }
  }
}

function trustedByNode(): readonly string[] {
  const further = process.env.NODE_EXTRA_CA_CERTS;
  return further ? [...rootCertificates, readFileSync(further, 'latin1')] : rootCertificates;
}

function readCertificates(text: string, option: string, openssl: Openssl): Handle[] {
  const found = withBytes(text, openssl, (bytes) => {
    const certificates: Handle[] = [];
    for (let next: Handle; (next = openssl.PEM_read_bio_X509(bytes, null, null, null)); ) certificates.push(next);
    return certificates;
  });
  if (found.length === 0) throw new Error(`mysql.ssl.${option} holds no certificate that can be read`);
  // The end of a text is an error to it.
  openssl.ERR_clear_error();
  return found;
}

/** Without a passphrase, not even an empty one, OpenSSL would ask for it at the terminal. */
function readKey(text: string, passphrase: string, openssl: Openssl): Handle {
  const key = withBytes(text, openssl, (bytes) => openssl.PEM_read_bio_PrivateKey(bytes, null, null, passphrase));
  if (!key) throw Object.assign(readError(openssl), { message: 'mysql.ssl.key cannot be read' });
  return key;
}

function withBytes<T>(text: string, openssl: Openssl, work: (bytes: Handle) => T): T {
  // OpenSSL reads where it lies: it must stay there, and alive, until then.
  const memory = Buffer.from(text, 'latin1');
  const bytes = openssl.BIO_new_mem_buf(memory, memory.length);
  try {
    return work(bytes);
  } finally {
    openssl.BIO_free(bytes);
  }
}
