import { randomBytes } from 'node:crypto';
import { createServer, connect as open, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { createSecureContext, TLSSocket } from 'node:tls';
import { parentPort, workerData } from 'node:worker_threads';
import { frame, Packets } from './packets.js';
import { decrypt, encrypt, nativeToken, rsaKeys, sha2Token } from './scripted-login.js';
import type { Report, Script } from './scripted-server.js';

const script = workerData as Script;
const { method = 'mysql_native_password', password = 'secret', isCached = true, behind } = script;
const log: string[] = [];
const sockets = new Set<Socket>();
let readable = Buffer.alloc(0);
let flooded = 0;

const CLIENT_SSL = 0x800;
const CLIENT_CONNECT_WITH_DB = 0x8;
const ATTRIBUTES = 0x100000;
const COMPRESS = 0x20;
const LENGTHS = 0x200000;
const PLUGIN = 0x80000;
const OK = Buffer.from([0, 0, 0, 2, 0, 0, 0]);

const server = createServer((socket) => {
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket)).on('error', () => {});
  if (script.silentFrom === 'reading') return void socket.pause();
  socket.on('data', (bytes) => (readable = Buffer.concat([readable, bytes])));
  if (script.flood !== undefined) return void flood(socket, script.flood);
  serve(socket).catch((error) => {
    log.push(`ended: ${error.message}`);
    socket.destroy();
  });
});
server.listen(0, '127.0.0.1', () => parentPort?.postMessage((server.address() as { port: number }).port));
parentPort?.on('message', () => {
  const report: Report = { log, readable: readable.toString('latin1'), connections: sockets.size, flooded };
  parentPort?.postMessage(report);
});

async function serve(plain: Socket): Promise<void> {
  if (script.silentFrom === 'greeting') return;
  const backend = behind && (await reach(behind.port));
  const scramble = Buffer.from(randomBytes(20).map((byte) => (byte % 94) + 33));
  let socket = plain;
  let packets = new Packets(plain);
  let sequence = 0;
  const say = async (content: Buffer) => {
    const bytes = frame({ sequence: sequence++, content });
    if (script.pause === undefined) return void socket.write(bytes);
    for (const byte of bytes) {
      socket.write(Buffer.from([byte]));
      await setTimeout(script.pause);
    }
  };
  const hear = async () => {
    const packet = await packets.next();
    sequence = packet.sequence + 1;
    return packet.content;
  };
  if (script.injected !== undefined) plain.cork();
  await say(greeting(backend?.capabilities, backend?.version ?? '8.4.0', scramble));
  if (script.injected !== undefined) socket.write(script.injected);
  plain.uncork();
  let login = await hear();
  if (script.tls !== undefined && login.length === 32) {
    if (script.silentFrom === 'tls') return;
    log.push('asked for TLS');
    plain.removeAllListeners('data').pause();
    // Its first message may have come with the wish for it.
    plain.unshift(packets.leave());
    const { cert, key, ca, maxVersion } = script.tls;
    const options = { cert, key, ...(ca && { ca }), ...(maxVersion && { maxVersion }) };
    const context = createSecureContext(options);
    socket = new TLSSocket(plain, { isServer: true, secureContext: context, requestCert: ca !== undefined });
    socket.on('error', (error) => log.push(`TLS failed: ${(error as { code?: string }).code}`));
    packets = new Packets(socket);
    login = await hear();
  }
  if (script.silentFrom === 'login') return;
  const given = readLogin(login);
  log.push(`logged in by ${given.method}`);
  const used = script.switchTo ?? method;
  let token = given.token;
  if (used !== given.method || script.switchTo !== undefined) {
    log.push(`switched to ${used}`);
    await say(Buffer.concat([Buffer.from([0xfe]), Buffer.from(`${used}\0`), scramble, Buffer.from([0])]));
    token = await hear();
  }
  if (!(await isRight(used, token, scramble, socket instanceof TLSSocket, say, hear))) {
    await say(Buffer.concat([Buffer.from([0xff, 0x15, 0x04]), Buffer.from("#28000Access denied for user 'ada'")]));
    return void socket.end();
  }
  log.push('let in');
  if (script.file !== undefined) return askFor(script.file, say, hear);
  if (backend === undefined || behind === undefined) await say(OK);
  else await backend.take(given, behind, (ok) => say(ok), socket, packets);
}

/** Instead of an answer to the first query. */
async function askFor(file: string, say: (content: Buffer) => Promise<void>, hear: () => Promise<Buffer>) {
  await say(OK);
  await hear();
  await say(Buffer.concat([Buffer.from([0xfb]), Buffer.from(file)]));
  for (;;) await hear();
}

async function isRight(
  used: string,
  token: Buffer,
  scramble: Buffer,
  isSecure: boolean,
  say: (content: Buffer) => Promise<void>,
  hear: () => Promise<Buffer>,
): Promise<boolean> {
  if (used === 'mysql_native_password') return token.equals(nativeToken(password, scramble));
  const isSha2 = used === 'caching_sha2_password';
  if (isSha2 && isCached) {
    await say(Buffer.from([1, 3]));
    return token.equals(sha2Token(password, scramble));
  }
  if (!isSha2 && used !== 'sha256_password') return false;
  let answer = token;
  if (isSha2) {
    await say(Buffer.from([1, 4]));
    answer = await hear();
  }
  if (isSecure) return answer.toString() === `${password}\0`;
  if (answer.length !== 1) return log.push('the password came without asking for the key') < 0;
  log.push('asked for the key');
  if (script.rsaKey === 'refused') return false;
  await say(Buffer.concat([Buffer.from([1]), Buffer.from(script.rsaKey === 'empty' ? '' : rsaKeys().publicKey)]));
  return decrypt(await hear(), scramble) === `${password}\0`;
}

const CAPABILITIES = 0x1 | 0x4 | 0x8 | 0x200 | 0x2000 | 0x8000 | 0x20000 | 0x40000 | PLUGIN | LENGTHS;

function greeting(capabilities: number = CAPABILITIES, version: string, scramble: Buffer): Buffer {
  const secured = script.tls === undefined ? capabilities & ~CLIENT_SSL : capabilities | CLIENT_SSL;
  const offered = (secured | PLUGIN) & ~COMPRESS;
  const middle = Buffer.alloc(18);
  middle.writeUInt16LE(offered & 0xffff, 0);
  middle[2] = 45;
  middle.writeUInt16LE(2, 3);
  middle.writeUInt16LE(offered >>> 16, 5);
  middle[7] = 21;
  return Buffer.concat([
    Buffer.from([10]),
    Buffer.from(`${version}\0`),
    Buffer.from([7, 0, 0, 0]),
    scramble.subarray(0, 8),
    Buffer.from([0]),
    middle,
    scramble.subarray(8),
    Buffer.from(`\0${method}\0`),
  ]);
}

interface Login {
  readonly flags: number;
  readonly charset: number;
  readonly token: Buffer;
  readonly database: string;
  readonly method: string;
}

function readLogin(content: Buffer): Login {
  const flags = content.readUInt32LE(0);
  const text = (from: number) => content.toString('utf8', from, content.indexOf(0, from));
  let at = content.indexOf(0, 32) + 1;
  const length = content[at] as number;
  const token = content.subarray(at + 1, at + 1 + length);
  at += 1 + length;
  const database = flags & CLIENT_CONNECT_WITH_DB ? text(at) : '';
  if (flags & CLIENT_CONNECT_WITH_DB) at = content.indexOf(0, at) + 1;
  return { flags, charset: content[8] as number, token, database, method: flags & PLUGIN ? text(at) : '' };
}

/** A server in whose place this one lets clients in: once they are, its packets are passed on as they are. */
async function reach(port: number) {
  const socket = open(port, '127.0.0.1').on('error', () => {});
  sockets.add(socket.on('close', () => sockets.delete(socket)));
  const packets = new Packets(socket);
  const { content } = await packets.next();
  const end = content.indexOf(0, 1);
  const version = content.toString('utf8', 1, end);
  const low = content.readUInt16LE(end + 14);
  const capabilities = low | (content.readUInt16LE(end + 19) << 16);
  const scramble = Buffer.concat([content.subarray(end + 5, end + 13), content.subarray(end + 32, end + 44)]);
  const backMethod = content.toString('utf8', end + 45, content.indexOf(0, end + 45));
  /** By the server's memory of the password, or else with its key. */
  const finishSha2 = async (password: string) => {
    const { content: told } = await packets.next();
    if (told[1] === 3) return;
    socket.write(frame({ sequence: 3, content: Buffer.from([2]) }));
    const key = (await packets.next()).content.toString('utf8', 1);
    socket.write(frame({ sequence: 5, content: encrypt(password, scramble, key) }));
  };
  const take = async (
    { flags, charset, database }: Login,
    { user, password }: NonNullable<Script['behind']>,
    say: (content: Buffer) => Promise<void>,
    client: Socket,
    clientPackets: Packets,
  ) => {
    const head = Buffer.alloc(32);
    head.writeUInt32LE(((flags & ~(CLIENT_SSL | ATTRIBUTES | LENGTHS)) | PLUGIN) >>> 0, 0);
    head.writeUInt32LE(1 << 24, 4);
    head[8] = charset;
    const isSha2 = backMethod === 'caching_sha2_password';
    const token = (isSha2 ? sha2Token : nativeToken)(password, scramble);
    const name = flags & CLIENT_CONNECT_WITH_DB ? Buffer.from(`${database}\0`) : Buffer.alloc(0);
    const start = [head, Buffer.from(`${user}\0`), Buffer.from([token.length]), token, name];
    socket.write(frame({ sequence: 1, content: Buffer.concat([...start, Buffer.from(`${backMethod}\0`)]) }));
    if (isSha2) await finishSha2(password);
    const answer = (await packets.next()).content;
    const early = [packets.leave(), clientPackets.leave()];
    await say(answer);
    client.write(early[0] as Buffer);
    socket.write(early[1] as Buffer);
    socket.pipe(client).pipe(socket);
    client.on('close', () => socket.destroy());
  };
  return { version, capabilities, take };
}

/** Sends as fast as the client takes it: numbers that go on from piece to piece. */
async function flood(socket: Socket, size: number): Promise<void> {
  for (let sent = 0; sent < size && !socket.destroyed; ) {
    const piece = Buffer.alloc(Math.min(50_000, size - sent));
    const from = sent;
    for (let at = 0; at < piece.length; at++) piece[at] = (from + at) % 251;
    sent += piece.length;
    const isRoom = socket.write(piece, (error) => {
      if (!error) flooded += piece.length;
    });
    if (!isRoom) await new Promise<void>((resolve) => socket.once('drain', resolve).once('close', resolve));
  }
  if (script.ends) socket.end();
}
