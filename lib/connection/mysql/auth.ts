import type { Driver } from './driver.js';

/** A way to log in: answers each message of the server's with the next of ours, or with nothing. */
type Step = (data: Buffer) => Uint8Array | null | undefined;
type Plugin = (parts: Parts) => Step;
interface Parts {
  readonly connection: {
    readonly config: { readonly password: string };
    writePacket(packet: object): void;
  };
}

/** The ways to log in, and what became of them. */
export interface Authentication {
  /** For mysql2, by name. */
  readonly plugins: Readonly<Record<string, (parts: Parts) => (data: Buffer) => void>>;
  /** The server was asked for its RSA key, and has not sent it. */
  readonly awaitsKey: boolean;
}

/** What a server may ask for. All else is refused, and so the password is never sent readable. */
export const METHODS: readonly string[] = ['mysql_native_password', 'caching_sha2_password', 'sha256_password'];
export const NO_KEY = 'the server sent no RSA key to encrypt the password with';
const PEM = '-----BEGIN PUBLIC KEY-----';
/** A password alone of one byte would be the zero at its end. */
const isKeyRequest = (answer: Uint8Array | null | undefined): boolean => answer?.length === 1 && answer[0] !== 0;

/**
 * mysql2's own ways to log in, made to answer at once: it sends what they return when a promise has settled, which none does
 * while this thread blocks. So they send it themselves, and return nothing.
 * @param isPrivate whether nobody can read what is sent: TLS, or a socket within the machine
 */
export function authenticate({ authPlugins }: Driver, isPrivate: boolean): Authentication {
  const standard = (name: string, options: object = {}) => (authPlugins[name] as (options: object) => Plugin)(options);
  const methods: Readonly<Record<string, Plugin>> = {
    mysql_native_password: standard('mysql_native_password'),
    caching_sha2_password: standard('caching_sha2_password', { overrideIsSecure: isPrivate }),
    // mysql2 knows what is private here by its own sockets only.
    sha256_password: isPrivate ? readable : standard('sha256_password'),
  };
  const authentication = { plugins: {} as Record<string, (parts: Parts) => (data: Buffer) => void>, awaitsKey: false };
  for (const [name, plugin] of Object.entries(methods)) {
    authentication.plugins[name] = (parts) => {
      const step = plugin(parts);
      return (data) => {
        if (authentication.awaitsKey && !data.toString('latin1').includes(PEM)) throw new Error(NO_KEY);
        const answer = step(data);
        authentication.awaitsKey = name !== 'mysql_native_password' && isKeyRequest(answer);
        if (answer) parts.connection.writePacket(toPacket(answer));
      };
    };
  }
  return authentication;
}

const readable: Plugin =
  ({ connection }) =>
  () =>
    Buffer.from(`${connection.config.password}\0`);

const HEAD = 4;
/** As much of mysql2's packets as its connection uses to send one. */
function toPacket(content: Uint8Array): object {
  const buffer = Buffer.concat([Buffer.alloc(HEAD), content]);
  return {
    buffer,
    length: () => buffer.length,
    writeHeader(sequence: number) {
      buffer.writeUIntLE(content.length, 0, 3);
      buffer[3] = sequence;
    },
  };
}
