import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import mysql, { type Connection } from 'mysql2/promise';
import { serverProgram } from './server-program.js';

/** A MySQL or MariaDB server that tests talk to. */
export interface TestServer {
  readonly system: 'mariadb' | 'mysql';
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** The address of a database on it, as `createPool` and `openSession` take it. */
  url(database?: string): string;
  /** A connection without offthread; ended by who asked for it. */
  connect(database?: string): Promise<Connection>;
  /** Makes an empty database of this name, instead of one that there may be. */
  makeDatabase(name: string): Promise<void>;
}

/** A server of one's own, which may be killed, frozen and started again. */
export interface OwnServer extends TestServer {
  readonly socketPath: string;
  readonly pid: number;
  /** Sends its process a signal; it is waited until it has ended, or until it stands still. */
  signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void>;
  /** Starts it again on the same port and the same data. */
  restart(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

const program = serverProgram();
const USER = 'offthread';
const PASSWORD = "pass'word@1";
/** Milliseconds. */
const STARTING = 30_000;
const PAUSE = 20;

const folder = mkdtempSync(join(tmpdir(), 'offthread-mysql-'));
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

let shared: Promise<TestServer> | undefined;
let servers = 0;

/** The one server of this run: that of OFFTHREAD_TEST_MYSQL, or a private one, started when it is first asked for. */
export function sharedServer(): Promise<TestServer> {
  const given = process.env.OFFTHREAD_TEST_MYSQL;
  shared ??= given === undefined ? startServer() : serverAt(new URL(given));
  return shared;
}

async function serverAt({ hostname, port, username, password }: URL): Promise<TestServer> {
  const [user, word] = [decodeURIComponent(username), decodeURIComponent(password)];
  const server = talkTo(hostname.replace(/^\[|\]$/g, ''), Number(port || 3306), user, word);
  const connection = await server.connect();
  const [rows] = await connection.query('select version() as version');
  await connection.end();
  return { ...server, system: /mariadb/i.test(JSON.stringify(rows)) ? 'mariadb' : 'mysql' };
}

/** Starts a server on a free port, with data of its own, and further arguments of its program. */
export async function startServer(...further: string[]): Promise<OwnServer> {
  const data = join(folder, `data-${++servers}`);
  cpSync(template(), data, { recursive: true });
  const port = await freePort();
  const socketPath = join(folder, `${servers}.sock`);
  const server = talkTo('127.0.0.1', port, USER, PASSWORD);
  const start = () => startProcess(server, data, [`--port=${port}`, `--socket=${socketPath}`, ...further]);
  let child = await start();
  return {
    ...server,
    socketPath,
    get pid() {
      return child.pid as number;
    },
    async signal(signal) {
      const isEnded = signal === 'SIGKILL' ? ended(child) : undefined;
      child.kill(signal);
      await isEnded;
      if (signal === 'SIGSTOP') await stopped(child.pid as number);
    },
    async restart() {
      await end(child);
      child = await start();
    },
    async stop() {
      await end(child);
      rmSync(data, { recursive: true, force: true });
    },
  };
}

function talkTo(host: string, port: number, user: string, password: string): TestServer {
  const connect = (database?: string) =>
    mysql.createConnection({ host, port, user, password, ...(database !== undefined && { database }) });
  return {
    system: program.system,
    host,
    port,
    user,
    password,
    connect,
    url(database = '') {
      const name = host.includes(':') ? `[${host}]` : host;
      return `mysql://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${name}:${port}/${database}`;
    },
    async makeDatabase(name) {
      const connection = await connect();
      await connection.query(`drop database if exists \`${name}\``);
      await connection.query(`create database \`${name}\` character set utf8mb4`);
      await connection.end();
    },
  };
}

async function startProcess(server: TestServer, data: string, args: readonly string[]): Promise<ChildProcess> {
  const command = [
    program.command,
    '--no-defaults',
    `--datadir=${data}`,
    // A server that starts clears the folder of what it takes for its own.
    `--tmpdir=${data}`,
    `--init-file=${join(folder, 'users.sql')}`,
    '--bind-address=127.0.0.1',
    '--innodb-buffer-pool-size=64M',
    // Tests kill the server, never the machine: what it has given to the system survives.
    '--innodb-flush-log-at-trx-commit=2',
    ...program.settings,
    ...args,
  ];
  // Where it can, the system ends it with us, however we end.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...command], { stdio: ['ignore', 'ignore', 'pipe'] });
  running.add(child);
  let told = '';
  child.stderr.on('data', (text) => (told = (told + text).slice(-4_000)));
  (child.stderr as unknown as { unref(): void }).unref();
  child.unref();
  child.once('exit', () => running.delete(child));
  for (const end = performance.now() + STARTING; ; ) {
    if (child.exitCode !== null || performance.now() > end)
      throw new Error(`${program.command} did not start:\n${told}`);
    try {
      await (await server.connect()).end();
      return child;
    } catch {
      await setTimeout(PAUSE);
    }
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const isEnded = ended(child);
  // A frozen process hears nothing else.
  child.kill('SIGKILL');
  await isEnded;
}
const ended = (child: ChildProcess): Promise<unknown> => new Promise((resolve) => child.once('exit', resolve));

/** The signal only asks for it: each thread stops when it comes to it. */
async function stopped(pid: number): Promise<void> {
  const tasks = `/proc/${pid}/task`;
  const isStopped = (task: string) => /\) [Tt] /.test(readFileSync(`${tasks}/${task}/stat`, 'utf8'));
  while (!readdirSync(tasks).every(isStopped)) await setTimeout(1);
}

let installed: string | undefined;

/** The data of a new server, made once and copied for each. */
function template(): string {
  if (installed !== undefined) return installed;
  const data = join(folder, 'template');
  mkdirSync(data);
  program.install(data);
  writeFileSync(join(folder, 'users.sql'), `${program.users(USER, PASSWORD).join(';\n')};\n`);
  installed = data;
  return data;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
