import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { expect } from 'chai';
import type { Address } from '../../lib/connection/mysql/byte-stream.js';
import type { MysqlConnection } from '../../lib/connection/mysql/mysql.js';
import { Connections, change, rowsOf, thrown } from './connections.js';
import { until } from './fault-stage.js';
import { startProxy } from './proxy.js';
import { sequence } from './sequence.js';
import { type OwnServer, startServer } from './server.js';

/** What is open of the network in this process. */
const sockets = () =>
  readdirSync('/proc/self/fd').filter((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`).startsWith('socket:');
    } catch {
      return false;
    }
  }).length;

const HAS_IPV6 = Object.values(networkInterfaces()).some((each) => each?.some(({ address }) => address === '::1'));

const WAYS: readonly (readonly [string, (server: OwnServer) => Address])[] = [
  ['TCP over IPv4', ({ port }) => ({ host: '127.0.0.1', port })],
  ...(HAS_IPV6 ? [['TCP over IPv6', ({ port }: OwnServer): Address => ({ host: '::1', port })] as const] : []),
  ['a Unix socket', ({ socketPath }) => ({ path: socketPath })],
];

describe('the network below a blocking MySQL connection', function () {
  this.timeout(120_000);
  let server: OwnServer;
  let connections: Connections;
  let db: MysqlConnection;

  before(async () => {
    server = await startServer('--max-allowed-packet=128M', `--bind-address=127.0.0.1${HAS_IPV6 ? ',::1' : ''}`);
    connections = await Connections.make('network', server);
    db = connections.open();
    change(db, 'create table note (id int primary key, content longblob)');
  });
  after(async () => {
    connections.close();
    await server.stop();
  });

  for (const [what, addressOf] of WAYS) {
    it(`is ${what}`, () => {
      const address = addressOf(server);
      const own = connections.open({ address });
      // A port is behind the name of whoever came by TCP.
      const isTcp = "select host like '%:%' from information_schema.processlist where id = connection_id()";
      expect(rowsOf(own, isTcp)).to.deep.equal([['path' in address ? 0 : 1]]);
      own.close();
      expect(own.isOpen).to.equal(false);
    });
  }

  for (const [every, pause] of [
    [1, 0],
    [2, 0],
    [3, 0],
    [7, 1],
    [1_000, 5],
  ] as const) {
    it(`may cut everything every ${every} ${every === 1 ? 'byte' : 'bytes'}${pause > 0 ? ', slowly' : ''}`, async () => {
      const proxy = await startProxy({ port: server.port, every, pause });
      const own = connections.open({ address: { host: '127.0.0.1', port: proxy.port } });
      expect(rowsOf(own, 'select ? as a, ? as b, null as c', 7, 'é'.repeat(100))).to.deep.equal([
        [7, 'é'.repeat(100), null],
      ]);
      expect(rowsOf(own, `select seq from ${sequence(40)}`)).to.have.length(40);
      expect(thrown(() => rowsOf(own, 'selec'))).to.include({ code: 'ER_PARSE_ERROR' });
      own.begin('write');
      expect(change(own, 'replace into note values (1, ?)', Buffer.alloc(500, every))).to.include({
        insertId: undefined,
      });
      own.rollback();
      expect(
        own.readTogether([
          { sql: 'select 1', parameters: [] },
          { sql: 'select ?', parameters: [2] },
        ]),
      ).to.have.length(2);
      own.close();
      await proxy.stop();
    });
  }

  it('carries values of more than one packet both ways, also of just one', () => {
    const FULL = 2 ** 24 - 1;
    for (const length of [FULL - 100, FULL, 2 * FULL - 20, 40_000_000]) {
      const bytes = Buffer.alloc(length, 'offthread');
      change(db, 'replace into note values (1, ?)', bytes);
      const [[read]] = rowsOf(db, 'select content from note where id = ?', 1) as [[Buffer]];
      expect(read.equals(bytes), `${length} bytes`).to.equal(true);
    }
    // Around the length of a packet every single one counts: of the request, and of the answer.
    for (let length = FULL - 40; length < FULL + 8; length += 3) {
      const [[read]] = rowsOf(db, 'select ?', 'x'.repeat(length)) as [[string]];
      expect(read.length).to.equal(length);
    }
    change(db, 'delete from note');
  });

  it('is not asked to carry more than the server takes', () => {
    const error = thrown(() => rowsOf(db, 'select ?', Buffer.alloc(129 << 20)));
    expect(error).to.include({ kind: 'too-large', errno: 1153, retryable: false });
    expect(rowsOf(db, 'select 1')).to.deep.equal([[1]]);
  });

  it('may be interrupted by signals', async () => {
    const received: string[] = [];
    const listen = () => received.push('SIGWINCH');
    process.on('SIGWINCH', listen);
    const sender = spawn('sh', ['-c', `for i in $(seq 200); do kill -WINCH ${process.pid}; sleep 0.005; done`], {
      stdio: 'ignore',
    });
    await once(sender, 'spawn');
    expect(rowsOf(db, 'select sleep(0.6)')).to.deep.equal([[0]]);
    for (let i = 0; i < 200; i++) expect(rowsOf(db, 'select ?', i)).to.deep.equal([[i]]);
    expect(rowsOf(db, 'select length(?)', 'x'.repeat(8_000_000))).to.deep.equal([[8_000_000]]);
    await once(sender, 'exit');
    process.off('SIGWINCH', listen);
    expect(received).to.have.length.above(0);
  });

  it('is left as it was found, also where logging in failed, and by a hundred connections', async () => {
    const before = sockets();
    for (let i = 0; i < 100; i++) {
      if (i % 2 === 0) connections.open().close();
      else expect(thrown(() => connections.open({ password: 'wrong' }))).to.include({ kind: 'access-denied' });
    }
    expect(sockets()).to.equal(before);
    const ours = "select count(*) from information_schema.processlist where user = 'offthread'";
    // MySQL forgets them a moment later.
    await until(() => rowsOf(db, ours)[0]?.[0] === 1);
  });

  it('says who does not answer, and why, within connectTimeout', async () => {
    const silent = createServer();
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as { port: number };
    const before = sockets();
    const options = { address: { host: '127.0.0.1', port }, connectTimeout: 300 };
    const error = thrown(() => connections.open(options));
    expect(error).to.include({ kind: 'connection', code: 'ETIMEDOUT', retryable: true });
    expect(error.message).to.equal(
      `The server at 127.0.0.1:${port} could not be reached: connecting and logging in took longer than connectTimeout = 300 ms.`,
    );
    expect(sockets() - before).to.be.at.most(1);
    silent.close();
    await server.signal('SIGSTOP');
    try {
      expect(thrown(() => connections.open({ connectTimeout: 300 }))).to.include({ code: 'ETIMEDOUT' });
    } finally {
      await server.signal('SIGCONT');
    }
    expect(thrown(() => connections.open({ address: { host: '127.0.0.1', port: 1 } }))).to.include({
      code: 'ECONNREFUSED',
    });
    expect(thrown(() => connections.open({ address: { path: '/nowhere/s.sock' } }))).to.include({ code: 'ENOENT' });
    expect(thrown(() => connections.open({ address: { path: `/${'x'.repeat(200)}` } }))).to.include({
      code: 'ENAMETOOLONG',
    });
  });
});
