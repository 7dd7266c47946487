import dns from 'node:dns/promises';
import { syncBuiltinESMExports } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { sql } from 'offthread';
import { Gate } from '../lanes/gate.js';
import { rejection } from '../lanes/rejection.js';
import { failureOf } from '../pool/failure.js';
import { countSockets, FaultStage, isServing, type Notes, until } from './fault-stage.js';
import { sequence } from './sequence.js';

describe('connections to a MySQL server', () => {
  let stage: FaultStage;
  let pool: Notes;

  before(async () => {
    stage = await FaultStage.start('--max-connections=12');
    pool = await stage.open();
  });
  beforeEach(async () => {
    await stage.clear();
    await until(() => isServing(pool));
  });
  after(() => stage.remove());

  const kill = async () => {
    for (const id of await stage.connections()) await stage.ask(`kill ${id}`);
  };

  it('that were killed while they were idle are replaced before anything is begun on them', async () => {
    const { lanesLost } = pool.stats();
    await kill();
    const calls = [pool.run('add', [1]), pool.run('ids'), pool.run(sql`select 1 as one`), pool.run('add', [2])];
    const [, , one] = await Promise.all(calls);
    expect(one).to.deep.equal([{ one: 1 }]);
    expect(await pool.run('ids')).to.deep.equal([1, 2]);
    expect(pool.stats().lanesLost - lanesLost).to.be.within(1, 2);
  });

  it('that have waited longer than wait_timeout are replaced as silently', async () => {
    await stage.ask('set global wait_timeout = 1');
    const own = await stage.open({ threads: 1 });
    await until(() => isServing(own, 1));
    await stage.ask('set global wait_timeout = 28800');
    await own.run('add', [1]);
    await until(async () => (await stage.connections()).length <= 2);
    expect(await own.run('add', [2])).to.equal(2);
    expect(await own.run('ids')).to.deep.equal([1, 2]);
    await own.close();
  });

  it('killed in the middle of a large answer: its caller is told which, and of the cause once', async () => {
    const large = `select seq, if(seq = 60000, sleep(20), 0) as slept from ${sequence(60_000)}`;
    const telling = rejection(pool.run(sql.raw(large)));
    const asked = 'select 1 from information_schema.processlist where info like "select seq, if%"';
    await until(async () => (await stage.ask(asked)).length > 0);
    await kill();
    const error = await telling;
    expect(error).to.include({ kind: 'connection', code: 'PROTOCOL_CONNECTION_LOST', sql: large });
    expect(error.message.split('the server closed the connection')).to.have.length(2);
  });

  it('killed in the middle of a unit: its caller is told, and nothing of it is there', async () => {
    const gate = new Gate();
    const telling = rejection(pool.run('addTwo', [1, gate.buffer]));
    await gate.reached();
    await kill();
    gate.open();
    expect(await telling).to.include({ name: 'DatabaseError', kind: 'connection', outcome: 'not-committed' });
    expect(await pool.run('ids')).to.deep.equal([]);
  });

  it('killed in a statement: its caller is told what the server said', async () => {
    const telling = rejection(pool.run('addAndSleep', [1, 10]));
    await until(
      async () =>
        (await stage.ask("select 1 from information_schema.processlist where state = 'User sleep'")).length === 1,
    );
    await kill();
    expect(await telling).to.include({ kind: 'connection', outcome: 'not-committed', retryable: true });
    expect(await pool.run('ids')).to.deep.equal([]);
  });

  it('that the server has no room for are an error that says so, and are tried again later', async () => {
    const others: Awaited<ReturnType<typeof stage.connect>>[] = [];
    const fill = async () => {
      for (let isFull = false; !isFull; )
        await stage.connect().then(
          (other) => others.push(other),
          () => (isFull = true),
        );
    };
    await fill();
    const error = await failureOf(stage.open({ threads: 1 }));
    expect(error).to.include({ name: 'DatabaseError', kind: 'connection', code: 'ER_CON_COUNT_ERROR', errno: 1040 });
    expect(error.retryable).to.equal(true);
    // The pool loses its own, and others take their places.
    const { lanesLost } = pool.stats();
    const [admin] = others;
    const takeAll = async () => {
      const [all] = (await admin?.query("select id from information_schema.processlist where db = 'fault'")) ?? [[]];
      const held = new Set(others.map(({ threadId }) => threadId));
      for (const { id } of all as { id: number }[]) if (!held.has(id)) await admin?.query(`kill ${id}`).catch(() => {});
      await fill();
    };
    // A relay notices at once that it was killed, and may be back before all places are taken.
    let call: Promise<unknown> | undefined;
    for (let isWaiting = false; !isWaiting; ) {
      await call;
      await admin?.query('delete from note');
      await takeAll();
      call = pool.run('add', [7]);
      await until(() => pool.stats().lanesLost > lanesLost);
      await pause(300);
      isWaiting = pool.stats().waiting === 1;
    }
    for (const other of others) other.destroy();
    expect(await call).to.equal(7);
  });

  it('with a wrong password, or to a database that is not there, are refused by name and without the password', async () => {
    const { port } = stage.server;
    for (const [database, kind, errno, what] of [
      [`mysql://offthread:secret@127.0.0.1:${port}/fault`, 'access-denied', 1045, 'offthread'],
      [stage.server.url('nowhere'), 'cannot-open', 1049, 'nowhere'],
    ] as const) {
      const error = await failureOf(stage.open({ database, threads: 1 }));
      expect(error).to.include({ name: 'DatabaseError', kind, errno, retryable: false });
      expect(error.message).to.include(what);
      expect(inspect(error, { depth: 9 }))
        .to.not.include('secret')
        .and.not.include(stage.server.password);
    }
  });

  it('to a port where nobody listens, and to a name that nobody has, are refused', async () => {
    const refused = await failureOf(stage.open({ database: 'mysql://me:secret@127.0.0.1:1/fault', threads: 1 }));
    expect(refused).to.include({ kind: 'connection', code: 'ECONNREFUSED', retryable: true });
    const unknown = await failureOf(
      stage.open({ database: 'mysql://me:secret@no-such-host.invalid/fault', threads: 1 }),
    );
    expect(unknown).to.include({ name: 'DatabaseError', kind: 'connection', retryable: true });
    expect(unknown.message).to.match(/^The name no-such-host.invalid of the database's server has no address/);
  });

  it('are made through a name and through a Unix socket', async () => {
    const { port, password, socketPath } = stage.server;
    const word = encodeURIComponent(password);
    for (const database of [
      `mysql://offthread:${word}@localhost:${port}/fault`,
      `mariadb://offthread:${word}@localhost/fault?socketPath=${encodeURIComponent(socketPath)}`,
    ]) {
      const own = await stage.open({ database, threads: 1, units: undefined });
      expect(await own.run(sql`select 1 as one`)).to.deep.equal([{ one: 1 }]);
      const stream = process.env.OFFTHREAD_TRANSPORT ?? 'socket';
      expect(own.stats().lanes[0]).to.include({ role: 'both', state: 'idle', calls: 0, stream });
      await own.close();
    }
  });

  it('look the name up each time, and try its addresses in turn', async () => {
    const { lookup } = dns;
    const found = [['127.0.0.2', '127.0.0.1'], ['127.0.0.1']];
    const asked: string[] = [];
    dns.lookup = ((name: string) => {
      asked.push(name);
      return Promise.resolve(found.shift()?.map((address) => ({ address, family: 4 })) ?? []);
    }) as unknown as typeof lookup;
    syncBuiltinESMExports();
    try {
      const { port, password } = stage.server;
      const own = await stage.open({
        database: `mysql://offthread:${encodeURIComponent(password)}@db.example:${port}/fault`,
        threads: 1,
      });
      expect(await own.run('add', [1])).to.equal(1);
      expect(asked).to.deep.equal(['db.example']);
      await rejection(own.run('exit', [2]));
      expect(await own.run('add', [2])).to.equal(2);
      expect(asked).to.deep.equal(['db.example', 'db.example']);
      await own.close();
    } finally {
      dns.lookup = lookup;
      syncBuiltinESMExports();
    }
  });

  it('ask for the password each time', async () => {
    const asked: string[] = [];
    const { port, password } = stage.server;
    const own = await stage.open({
      database: `mysql://offthread@127.0.0.1:${port}/fault`,
      threads: 1,
      mysql: {
        password: async () => {
          await pause(1);
          asked.push('asked');
          return password;
        },
      },
    });
    expect(asked).to.have.length(1);
    await rejection(own.run('exit', [1]));
    expect(await own.run('add', [2])).to.equal(2);
    await until(() => isServing(own, 1));
    expect(asked).to.have.length(2);
    await own.close();
  });

  it('for which nobody can tell the password are refused with what was thrown', async () => {
    const error = await failureOf(
      stage.open({
        database: `mysql://offthread@127.0.0.1:${stage.server.port}/fault`,
        threads: 1,
        mysql: { password: () => Promise.reject(new Error('the vault is closed')) },
      }),
    );
    expect(error).to.have.property('message', 'the vault is closed');
  });

  it('are all gone when the pool is closed', async () => {
    const sockets = countSockets();
    const before = (await stage.connections()).length;
    const own = await stage.open({ threads: 3, units: undefined });
    await Promise.all([1, 2, 3, 4, 5, 6].map((id) => own.run(sql`insert into note values (${id}, '')`)));
    await own.close();
    await until(async () => (await stage.connections()).length === before);
    await until(() => countSockets() <= sockets);
  });

  it('of lanes that were lost, however that was, leave no descriptor and nothing on the server', async () => {
    const own = await stage.open();
    const sockets = countSockets();
    const before = (await stage.connections()).length;
    const exits = [1, 2, 3, 4].map((id) => rejection(own.run('exit', [id])));
    for (const error of await Promise.all(exits)) expect(error).to.include({ name: 'LaneLostError' });
    await rejection(own.run('loop', [5], { timeout: 50 }));
    expect(own.stats().lanesLost).to.be.at.least(4);
    const admin = await stage.connect();
    for (let i = 0; i < 50; i++) {
      for (const id of await idsOf(own)) await admin.query(`kill ${id}`).catch(() => {});
    }
    admin.destroy();
    expect(await own.run('ids')).to.deep.equal([]);
    await until(() => isServing(own));
    expect(own.stats().lanesLost).to.be.at.least(100);
    await until(async () => (await stage.connections()).length === before);
    await until(() => countSockets() <= sockets);
    await own.close();
  });
});

async function idsOf(pool: Notes): Promise<number[]> {
  const found = new Set<number>();
  while (found.size < 2) {
    const both = await Promise.all([pool.run('connectionId'), pool.run('connectionId')]);
    for (const id of both) found.add(Number(id));
  }
  return [...found];
}
