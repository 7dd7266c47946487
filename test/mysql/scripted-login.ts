import { constants, createHash, generateKeyPairSync, privateDecrypt, publicEncrypt } from 'node:crypto';

const digest = (name: string, ...parts: Uint8Array[]) => {
  const hash = createHash(name);
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const xor = (bytes: Uint8Array, pattern: Uint8Array) =>
  Buffer.from(bytes.map((byte, index) => byte ^ (pattern[index % pattern.length] as number)));

/** The token of mysql_native_password. */
export function nativeToken(password: string, scramble: Uint8Array): Buffer {
  const once = digest('sha1', Buffer.from(password));
  return xor(once, digest('sha1', scramble, digest('sha1', once)));
}

/** The token of caching_sha2_password. */
export function sha2Token(password: string, scramble: Uint8Array): Buffer {
  const once = digest('sha256', Buffer.from(password));
  return xor(once, digest('sha256', digest('sha256', once), scramble));
}

let keys: { readonly publicKey: string; readonly privateKey: string } | undefined;
/** The server's RSA keys, made when they are first asked for. */
export function rsaKeys(): { readonly publicKey: string; readonly privateKey: string } {
  keys ??= generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return keys;
}

/** A password as a server with this key is sent it. */
export function encrypt(password: string, scramble: Uint8Array, key: string): Buffer {
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  return publicEncrypt({ key, oaepHash: 'sha1', padding }, xor(Buffer.from(`${password}\0`), scramble));
}

/** The password that was encrypted for the server, with its trailing zero. */
export function decrypt(bytes: Uint8Array, scramble: Uint8Array): string {
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  const mixed = privateDecrypt({ key: rsaKeys().privateKey, oaepHash: 'sha1', padding }, bytes);
  return xor(mixed, scramble).toString();
}
