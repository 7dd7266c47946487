import { once } from 'node:events';
import { Agent, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import type { FastifyRequest } from 'fastify';
import { createPool, type PoolWith, sql } from 'offthread';
import offthread from 'offthread/fastify';
import { until } from '../examples/until.js';
import { failureOf } from '../pool/failure.js';
import { Desk, hangUp, type Notes } from './server.js';
import type * as units from './units.js';

/** As a program has it that tells its types: see examples/servers/fastify.ts. */
const notesOf = (request: FastifyRequest) => request.db as unknown as PoolWith<typeof units>;
const idle = { state: 'idle', calls: 0 };

describe('request.db', function () {
  this.timeout(60_000);
  let given: Desk;
  let pool: Notes;
  before(async () => {
    given = new Desk();
    pool = await createPool<typeof units>({ ...given.withUnits(), threads: 2 });
  });
  beforeEach(() => pool.run(sql`delete from note`));
  after(async () => {
    await pool.close();
    await given[Symbol.asyncDispose]();
  });

  it('answers, and stops nothing once the answer is complete', async () => {
    await using desk = new Desk();
    const { app } = desk;
    app.register(offthread, desk.withUnits());
    let later: Promise<unknown> = Promise.resolve();
    app.post('/', async (request) => {
      const db = notesOf(request);
      await db.units.add((request.body as { body: string }).body);
      later = setTimeout(50).then(() => db.units.bodies());
      return db.units.bodies();
    });
    await desk.listen();
    const [response] = await once(desk.ask('/', 'POST', '{"body":"one"}'), 'response');
    expect(response.statusCode).to.equal(200);
    response.resume();
    await once(response, 'close');
    expect(await later).to.deep.equal(['one']);
  });

  for (const name of [undefined, 'notes'])
    it(`stops the unit of a client that hangs up: nothing is committed, and the lane is free${name ? ' (a named pool)' : ''}`, async () => {
      await using desk = new Desk();
      const { app } = desk;
      app.register(offthread, { pool, name });
      const failures: unknown[] = [];
      app.addHook('onError', async (_request, _reply, error) => void failures.push(error));
      const runnerOf = (request: FastifyRequest) =>
        name === undefined ? notesOf(request) : (request.db as unknown as Record<string, PoolWith<typeof units>>)[name];
      app.post('/', async (request) => runnerOf(request)?.units.addForEver('never'));
      await desk.listen();
      const { fulfilled, rejected } = pool.stats();

      const leaving = desk.ask('/', 'POST', '{}');
      await until(() => pool.stats().lanes[0]?.calls === 1);
      await hangUp(leaving);
      await until(() => pool.stats().lanes[0]?.state === 'idle');
      expect(pool.stats()).to.deep.include({ rejected: rejected + 1, fulfilled, lanesLost: 0, lanesRetired: 0 });
      expect(pool.stats().lanes.map(({ role, state, calls }) => ({ role, state, calls }))).to.deep.equal([
        { role: 'writer', ...idle },
        { role: 'reader', ...idle },
      ]);
      expect(await pool.units.bodies()).to.deep.equal([]);
      await until(() => failures.length === 1);
      expect(failures[0]).to.include({ name: 'ClientGoneError', code: 'OFFTHREAD_CLIENT_GONE', statusCode: 499 });
      // The client's own doing is no error of the server's.
      expect(desk.logged.filter(({ level }) => level >= 40)).to.deep.equal([]);
    });

  describe('stops what its client was waiting for, and its lane is free:', () => {
    /** A server that does this for a request whose client hangs up once `begun` was called; answers with what it rejected with. */
    async function left(work: (db: PoolWith<typeof units>, begun: () => void) => Promise<unknown>): Promise<unknown> {
      await using desk = new Desk();
      const { app } = desk;
      app.register(offthread, { pool });
      let isBegun = false;
      const failures: unknown[] = [];
      app.addHook('onError', async (_request, _reply, error) => void failures.push(error));
      app.post('/', (request) => work(notesOf(request), () => (isBegun = true)));
      await desk.listen();
      const leaving = desk.ask('/', 'POST', '{}');
      await until(() => isBegun);
      expect(pool.stats().lanes.filter(({ state }) => state !== 'idle')).to.have.length(1);
      await hangUp(leaving);
      await until(() => failures.length === 1);
      await until(() => pool.stats().lanes.every(({ state }) => state === 'idle'));
      expect(pool.stats()).to.include({ waiting: 0, running: 0, lanesLost: 0, lanesRetired: 0 });
      await pool.units.add('of another');
      expect(await pool.units.bodies()).to.deep.equal(['of another']);
      return failures[0];
    }
    const never = () => new Promise<never>(() => {});

    it('a transaction, also while its function waits for something else', async () => {
      const error = await left((db, begun) =>
        db.transaction(async (tx) => {
          await tx.units.add('never');
          begun();
          await never();
        }),
      );
      expect(error).to.include({ name: 'ClientGoneError', statusCode: 499 });
    });

    it('a transaction whose function is in the middle of a unit', async () => {
      const error = await left((db, begun) =>
        db.transaction(async (tx) => {
          await tx.units.add('never');
          const working = tx.units.addForEver('never');
          begun();
          await working;
        }),
      );
      expect(error).to.include({ name: 'ClientGoneError', statusCode: 499 });
    });

    it('a lease that was taken by hand, whose holder is told by his next call', async () => {
      const error = await left(async (db, begun) => {
        const lease = await db.lease();
        await lease.units.add('never');
        begun();
        for (;;) {
          await setTimeout(5);
          await lease.units.bodies();
        }
      });
      expect(error).to.include({ name: 'ClientGoneError', statusCode: 499 });
    });

    it('a stream', async () => {
      const endless = sql<{
        n: number;
      }>`with recursive c (n) as (select 1 union all select n + 1 from c) select n from c`;
      const error = await left(async (db, begun) => {
        for await (const { n } of db.stream(endless)) if (n === 10_000) begun();
      });
      expect(error).to.include({ name: 'ClientGoneError', statusCode: 499 });
    });
  });

  it('leaves the calls of others alone', async () => {
    await using desk = new Desk();
    const { app } = desk;
    app.register(offthread, { pool });
    app.post('/for-ever', (request) => notesOf(request).units.addForEver('never'));
    app.post('/', async (request) => ({ done: await notesOf(request).units.add('one') }));
    await desk.listen();
    const leaving = desk.ask('/for-ever', 'POST', '{}');
    await until(() => pool.stats().running === 1);
    const staying = once(desk.ask('/', 'POST', '{}'), 'response');
    await until(() => pool.stats().running + pool.stats().waiting === 2);
    await hangUp(leaving);
    const [response] = await staying;
    response.resume();
    expect(response.statusCode).to.equal(200);
    expect(await pool.units.bodies()).to.deep.equal(['one']);
  });

  it('rejects at once where it is first touched behind a client that has left', async () => {
    await using desk = new Desk();
    const { app } = desk;
    app.register(offthread, { pool });
    let error: unknown;
    let isAsked = false;
    app.get('/', async (request, reply) => {
      isAsked = true;
      await once(reply.raw, 'close');
      error = await failureOf(notesOf(request).units.add('never'));
    });
    await desk.listen();
    const asked = desk.ask('/');
    await until(() => isAsked);
    await hangUp(asked);
    await until(() => error !== undefined);
    expect(error).to.have.property('name', 'ClientGoneError');
    expect(await pool.units.bodies()).to.deep.equal([]);
  });

  it('listens to nothing before it is touched, and once however often it is', async () => {
    await using desk = new Desk();
    const { app } = desk;
    app.register(offthread, { pool });
    app.get('/', (request, reply) => {
      const listeners = () => reply.raw.listenerCount('close');
      const before = listeners();
      const { db } = request;
      return { more: listeners() - before, isSame: db === request.db };
    });
    await desk.listen();
    expect((await desk.answer('/')).body).to.deep.equal({ more: 1, isSame: true });
  });

  it('leaves no listener on a connection that is used again and again', async () => {
    await using desk = new Desk();
    const { app } = desk;
    app.register(offthread, { pool });
    const counts: number[] = [];
    app.get('/', (request) => {
      counts.push(request.raw.socket.listenerCount('close'));
      return notesOf(request).units.bodies();
    });
    await desk.listen();
    const { port } = app.server.address() as AddressInfo;
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let i = 0; i < 12; i++) {
      const [response] = await once(get({ host: '127.0.0.1', port, agent }), 'response');
      response.resume();
      await once(response, 'end');
    }
    agent.destroy();
    expect(new Set(counts).size).to.equal(1);
    expect(counts).to.have.length(12);
  });

  it('touched in a hook of before the plugin says so', async () => {
    await using desk = new Desk();
    const { app } = desk;
    app.addHook('onRequest', async (request) => void request.db);
    app.register(offthread, { pool });
    app.get('/', () => ({}));
    expect((await app.inject('/')).json()).to.deep.include({
      code: 'OFFTHREAD_CALL',
      message:
        'request.db: it was touched in a hook that runs before those of the plugin. Register offthread before that hook.',
    });
  });
});
