import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { createPool, sql } from '../../lib/index.js';
import { openSession } from '../../lib/orm/index.js';
import { makeAuthority } from './certificates.js';
import { type OwnServer, startServer } from './server.js';

describe('a pool and its ways to a MySQL server', function () {
  this.timeout(60_000);
  const authority = makeAuthority('an authority');
  const certificate = authority.issue('127.0.0.1');
  const ssl = { ca: authority.cert };
  let server: OwnServer;
  before(async () => {
    server = await startServer(`--ssl-cert=${certificate.certPath}`, `--ssl-key=${certificate.keyPath}`);
  });
  after(() => server?.stop());
  const cipher = sql<{ Value: string }>`show session status like 'ssl_version'`;
  /** How many are connected beside the one who asks. */
  const connected = async () => {
    const connection = await server.connect();
    const [rows] = await connection.query("select 1 from information_schema.processlist where user = 'offthread'");
    await connection.end();
    return (rows as unknown[]).length - 1;
  };

  for (const relay of ['', 'relay'])
    for (const isEncrypted of [false, true])
      it(`are ${relay || 'socket'}s, ${isEncrypted ? 'encrypted' : 'plain'}, and nothing is left of them`, async () => {
        const pool = await createPool({
          database: server.url(),
          threads: 2,
          env: { ...process.env, OFFTHREAD_TRANSPORT: relay },
          ...(isEncrypted && { mysql: { ssl } }),
        });
        const rows = await Promise.all(Array.from({ length: 50 }, () => pool.run(cipher)));
        for (const [row] of rows) expect(row?.Value).to.equal(isEncrypted ? 'TLSv1.3' : '');
        for (const { stream } of pool.stats().lanes) expect(stream).to.equal(relay || 'socket');
        expect(await connected()).to.equal(2);
        await pool.close();
        while ((await connected()) > 0) await setTimeout(5);
      });

  for (const isEncrypted of [false, true])
    it(`are relays where there is no koffi, ${isEncrypted ? 'encrypted' : 'plain'}`, async () => {
      await using pool = await createPool({
        database: server.url(),
        threads: 1,
        execArgv: ['--require', fileURLToPath(new URL('./without-koffi.cjs', import.meta.url))],
        ...(isEncrypted && { mysql: { ssl } }),
      });
      expect((await pool.run(cipher))[0]?.Value).to.equal(isEncrypted ? 'TLSv1.3' : '');
      expect(pool.stats().lanes[0]?.stream).to.equal('relay');
    });

  it('stops what is given up, by a relay and encrypted too', async () => {
    const env = { ...process.env, OFFTHREAD_TRANSPORT: 'relay' };
    await using pool = await createPool({ database: server.url(), threads: 1, env, mysql: { ssl } });
    const signal = AbortSignal.timeout(200);
    const error = await pool.run(sql`select sleep(30)`, { signal }).catch((error) => error);
    expect(error).to.equal(signal.reason);
    const [row] = await pool.run(sql<{ n: number }>`select 7 as n`);
    expect(row).to.deep.equal({ n: 7 });
    expect(pool.stats()).to.include({ lanesLost: 0, lanesRetired: 0 });
  });

  it('refuse a server that nobody vouches for', async () => {
    const error = await createPool({ database: server.url(), threads: 1, mysql: { ssl: true } }).then(
      (pool) => pool.close(),
      (error) => error,
    );
    expect(error).to.have.property('code', 'OFFTHREAD_TLS');
    expect(error.message).to.include('mysql.ssl.ca');
  });

  it('serve a session on this thread as well', () => {
    using session = openSession(server.url(), { ssl });
    expect(session.run(cipher)[0]?.Value).to.equal('TLSv1.3');
  });
});
