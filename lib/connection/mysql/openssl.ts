import { bind } from './native.js';

/** Something of OpenSSL's own, as koffi hands it around. */
export type Handle = unknown;

// Node is linked with OpenSSL and offers its functions to addons, as it says in its documentation of them. Here they are
// called as an addon would: TLS on a socket that blocks, with the OpenSSL that Node's own TLS runs on.
const DECLARATIONS = {
  TLS_client_method: 'void *TLS_client_method()',
  SSL_CTX_new: 'void *SSL_CTX_new(void *)',
  SSL_CTX_free: 'void SSL_CTX_free(void *)',
  SSL_CTX_ctrl: 'long SSL_CTX_ctrl(void *, int, long, void *)',
  SSL_CTX_set_options: 'uint64_t SSL_CTX_set_options(void *, uint64_t)',
  SSL_CTX_set_verify: 'void SSL_CTX_set_verify(void *, int, void *)',
  SSL_CTX_set_cipher_list: 'int SSL_CTX_set_cipher_list(void *, const char *)',
  SSL_CTX_get_cert_store: 'void *SSL_CTX_get_cert_store(void *)',
  SSL_CTX_use_certificate: 'int SSL_CTX_use_certificate(void *, void *)',
  SSL_CTX_use_PrivateKey: 'int SSL_CTX_use_PrivateKey(void *, void *)',
  SSL_CTX_check_private_key: 'int SSL_CTX_check_private_key(const void *)',
  SSL_new: 'void *SSL_new(void *)',
  SSL_free: 'void SSL_free(void *)',
  SSL_ctrl: 'long SSL_ctrl(void *, int, long, void *)',
  SSL_get0_param: 'void *SSL_get0_param(void *)',
  SSL_set_fd: 'int SSL_set_fd(void *, int)',
  SSL_connect: 'int SSL_connect(void *)',
  SSL_read: 'int SSL_read(void *, void *, int)',
  SSL_write: 'int SSL_write(void *, const void *, int)',
  SSL_pending: 'int SSL_pending(const void *)',
  SSL_shutdown: 'int SSL_shutdown(void *)',
  SSL_get_error: 'int SSL_get_error(const void *, int)',
  SSL_get_verify_result: 'long SSL_get_verify_result(const void *)',
  X509_VERIFY_PARAM_set1_host: 'int X509_VERIFY_PARAM_set1_host(void *, const char *, size_t)',
  X509_VERIFY_PARAM_set1_ip_asc: 'int X509_VERIFY_PARAM_set1_ip_asc(void *, const char *)',
  X509_verify_cert_error_string: 'const char *X509_verify_cert_error_string(long)',
  X509_STORE_add_cert: 'int X509_STORE_add_cert(void *, void *)',
  X509_free: 'void X509_free(void *)',
  EVP_PKEY_free: 'void EVP_PKEY_free(void *)',
  BIO_new_mem_buf: 'void *BIO_new_mem_buf(const void *, int)',
  BIO_free: 'int BIO_free(void *)',
  PEM_read_bio_X509: 'void *PEM_read_bio_X509(void *, void *, void *, const char *)',
  PEM_read_bio_PrivateKey: 'void *PEM_read_bio_PrivateKey(void *, void *, void *, const char *)',
  ERR_clear_error: 'void ERR_clear_error()',
  ERR_get_error: 'unsigned long ERR_get_error()',
  ERR_reason_error_string: 'const char *ERR_reason_error_string(unsigned long)',
} as const;
type Name = keyof typeof DECLARATIONS;
type Numbers = Exclude<Name, Handles | 'X509_verify_cert_error_string' | 'ERR_reason_error_string'>;
type Handles =
  | 'TLS_client_method'
  | 'SSL_CTX_new'
  | 'SSL_CTX_get_cert_store'
  | 'SSL_new'
  | 'SSL_get0_param'
  | 'BIO_new_mem_buf'
  | 'PEM_read_bio_X509'
  | 'PEM_read_bio_PrivateKey';

export type Openssl = {
  readonly [name in Numbers]: (...args: unknown[]) => number;
} & {
  readonly [name in Handles]: (...args: unknown[]) => Handle;
} & {
  readonly X509_verify_cert_error_string: (result: number) => string;
  readonly ERR_reason_error_string: (error: number) => string | null;
};

let bound: Openssl | undefined;

export function loadOpenssl(): Openssl {
  bound ??= Object.fromEntries(
    Object.entries(DECLARATIONS).map(([name, declaration]) => [name, bind(declaration)]),
  ) as unknown as Openssl;
  return bound;
}

/** Whether this Node has what is needed; elsewhere a relay encrypts. */
export function hasOpenssl(): boolean {
  // What is declared above is so from OpenSSL 3 on.
  if (!/^[3-9]\./.test(process.versions.openssl ?? '')) return false;
  try {
    loadOpenssl();
    return true;
  } catch {
    return false;
  }
}

/** What went wrong last, in the words that Node's own TLS would use. */
export function readError({ ERR_get_error, ERR_reason_error_string }: Openssl): Error & { code: string } {
  const number = ERR_get_error();
  const reason = (number === 0 ? null : ERR_reason_error_string(number)) ?? 'the connection was lost';
  const code = number === 0 ? 'ECONNRESET' : `ERR_SSL_${reason.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}`;
  return Object.assign(new Error(reason), { code });
}
