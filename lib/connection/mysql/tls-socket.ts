import type { TlsSettings } from '../../plan/tls.js';
import { toServerName } from '../../plan/tls.js';
import type { ByteStream, Opening, OpenStream } from './byte-stream.js';
import { type Handle, loadOpenssl, type Openssl, readError } from './openssl.js';
import { type BlockingSocket, openSocket } from './socket.js';
import { contextOf } from './tls-context.js';
import { PLAIN_TEXT, toTlsError } from './tls-error.js';
import { explainVerification, VERIFIED } from './tls-verification.js';

const CTRL_SET_SERVER_NAME = 55;
const WANT_READ = 2;
const WANT_WRITE = 3;
const NOTHING_MORE = 6;
const SLAB = 1 << 18;
/** The most that one record holds. */
const RECORD = 1 << 14;
/** Of a packet, before its content. */
const PACKET_HEAD = 4;

/** Blocking sockets that can go on encrypted. */
export function tlsSockets(tls: TlsSettings): OpenStream {
  return (opening) => new TlsSocket(openSocket(opening), opening, tls);
}

class TlsSocket implements ByteStream {
  readonly kind = 'socket';
  readonly #socket: BlockingSocket;
  readonly #opening: Opening;
  readonly #tls: TlsSettings;
  readonly #openssl: Openssl = loadOpenssl();
  /** OpenSSL's connection, while there is one. */
  #ssl: Handle;
  #isBroken = false;
  /** What came in plain text: the server's greeting, and nothing else. */
  #greeting = Buffer.alloc(0);
  /** Read into bit by bit, since an answer that is not complete yet is kept where it was read. */
  #slab = Buffer.allocUnsafeSlow(SLAB);
  #used = 0;

  constructor(socket: BlockingSocket, opening: Opening, tls: TlsSettings) {
    this.#socket = socket;
    this.#opening = opening;
    this.#tls = tls;
  }

  write(bytes: Uint8Array, from: number, to: number): number {
    if (!this.#ssl) return this.#socket.write(bytes, from, to);
    this.#openssl.ERR_clear_error();
    const sent = this.#openssl.SSL_write(this.#ssl, bytes.subarray(from, to), to - from);
    if (sent > 0) return sent;
    if (this.#isPause(sent)) return 0;
    throw this.#break();
  }

  read(): Buffer | undefined {
    if (!this.#ssl) return this.#readPlain();
    if (SLAB - this.#used < RECORD) {
      this.#slab = Buffer.allocUnsafeSlow(SLAB);
      this.#used = 0;
    }
    const from = this.#used;
    this.#openssl.ERR_clear_error();
    const length = this.#openssl.SSL_read(this.#ssl, this.#slab.subarray(from), SLAB - from);
    if (length > 0) {
      this.#used += length;
      return this.#slab.subarray(from, this.#used);
    }
    if (this.#openssl.SSL_get_error(this.#ssl, length) === NOTHING_MORE) return Buffer.alloc(0);
    if (this.#isPause(length)) return undefined;
    throw this.#break();
  }

  #readPlain(): Buffer | undefined {
    const bytes = this.#socket.read();
    if (bytes !== undefined) this.#greeting = Buffer.concat([this.#greeting, bytes]);
    return bytes;
  }

  reuse(): void {
    this.#used = 0;
  }

  hasInput(): boolean {
    return (this.#ssl !== undefined && this.#openssl.SSL_pending(this.#ssl) > 0) || this.#socket.hasInput();
  }

  startTls(): void {
    const { address, pause } = this.#opening;
    // Whoever is in between may have sent something in the server's name, to be read as if it came encrypted.
    if (this.#greeting.length !== PACKET_HEAD + this.#greeting.readUIntLE(0, 3))
      throw toTlsError(address, { message: PLAIN_TEXT });
    try {
      this.#ssl = this.#prepare();
    } catch (error) {
      throw toTlsError(address, error as Error);
    }
    for (;;) {
      this.#openssl.ERR_clear_error();
      const result = this.#openssl.SSL_connect(this.#ssl);
      if (result === 1) return;
      if (!this.#isPause(result)) throw toTlsError(address, this.#explain());
      pause();
    }
  }

  /** A connection of OpenSSL's that knows whom it must meet. */
  #prepare(): Handle {
    const openssl = this.#openssl;
    const { servername, verifyIdentity, rejectUnauthorized } = this.#tls;
    const ssl = openssl.SSL_new(contextOf(this.#tls));
    const name = toServerName(this.#tls);
    let isPrepared = openssl.SSL_set_fd(ssl, this.#socket.descriptor) === 1;
    if (name !== undefined)
      isPrepared &&= openssl.SSL_ctrl(ssl, CTRL_SET_SERVER_NAME, 0, Buffer.from(`${name}\0`)) === 1;
    if (verifyIdentity && rejectUnauthorized) {
      const meant = openssl.SSL_get0_param(ssl);
      isPrepared &&=
        (name === undefined
          ? openssl.X509_VERIFY_PARAM_set1_ip_asc(meant, servername)
          : openssl.X509_VERIFY_PARAM_set1_host(meant, name, 0)) === 1;
    }
    if (isPrepared) return ssl;
    openssl.SSL_free(ssl);
    throw readError(openssl);
  }

  #explain(): Error & { code: string } {
    const { code, message } = this.#break();
    const verdict = this.#openssl.SSL_get_verify_result(this.#ssl);
    if (verdict === VERIFIED || !this.#tls.rejectUnauthorized) return Object.assign(new Error(message), { code });
    return explainVerification(verdict, this.#tls.servername, this.#openssl);
  }

  #isPause(result: number): boolean {
    const why = this.#openssl.SSL_get_error(this.#ssl, result);
    return why === WANT_READ || why === WANT_WRITE;
  }
  #break(): Error & { code: string } {
    this.#isBroken = true;
    return readError(this.#openssl);
  }

  close(): void {
    if (this.#ssl) {
      // A farewell, which OpenSSL refuses to send where something broke.
      if (!this.#isBroken) this.#openssl.SSL_shutdown(this.#ssl);
      this.#openssl.ERR_clear_error();
      this.#openssl.SSL_free(this.#ssl);
      this.#ssl = undefined;
    }
    this.#socket.close();
  }
}
