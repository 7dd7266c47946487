import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import Database from 'better-sqlite3';
import { expect } from 'chai';
import type { FastifyInstance } from 'fastify';
import { createPool } from 'offthread';
import { buildServer } from '../../examples/http/server.js';
import { Duplicate, NotFound } from '../../examples/world/errors.js';
import type * as units from '../../examples/world/units.js';
import type { World } from '../../examples/world/world.js';
import { answer } from './answer.js';
import { until } from './until.js';
import { copyWorld } from './world-copy.js';

const town = { countryCode: 'FR', name: 'Qqtown', population: 12, latitude: 45, longitude: 2 };

describe('The HTTP example in trouble', function () {
  this.timeout(60_000);
  const logged: string[] = [];
  let file: string;
  let pool: World;
  let server: FastifyInstance;
  let lock: Database.Database;
  beforeEach(async () => {
    file = await copyWorld();
    // As openWorld does, with a queue that is soon full.
    pool = await createPool<typeof units>({
      database: `sqlite:${file}`,
      units: new URL('../../examples/world/units.js', import.meta.url),
      errors: [NotFound, Duplicate],
      maxQueue: 1,
    });
    logged.length = 0;
    server = buildServer(pool, { logger: { level: 'warn', stream: { write: (line) => void logged.push(line) } } });
    await server.listen({ host: '127.0.0.1', port: 0 });
    // Whoever writes now waits for this one.
    lock = new Database(file);
    lock.exec('begin immediate');
  });
  afterEach(async () => {
    lock.close();
    await server.close();
    await pool.close();
  });

  const send = (name: string) => {
    const { port } = server.server.address() as AddressInfo;
    const call = request({ port, path: '/cities', method: 'POST', headers: { 'content-type': 'application/json' } });
    call.end(JSON.stringify({ ...town, name }));
    return call;
  };
  const answerTo = async (call: ReturnType<typeof send>) => {
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    return { status: response.statusCode, ...((await json(response)) as { name?: string; error?: string }) };
  };
  const cities = () => answer(file, "select group_concat(name order by name) from city where name like 'Qqtown%'");

  it('cancels the unit of a client that has gone, and leaves those of the others alone', async () => {
    const leaving = send('Qqtown 1');
    leaving.on('error', () => {}); // its own end
    await until(() => pool.stats().running === 1);
    const staying = send('Qqtown 2');
    const answered = answerTo(staying);
    await until(() => pool.stats().running === 2);
    expect(pool.stats()).to.deep.include({ fulfilled: 0, rejected: 0 });

    leaving.destroy();
    await until(() => pool.stats().rejected === 1);
    expect(pool.stats().running).to.equal(1);

    lock.exec('rollback');
    expect(await answered).to.deep.include({ status: 201, name: 'Qqtown 2' });
    expect(cities()).to.equal('Qqtown 2');
    expect(logged).to.deep.equal([]);
  });

  it('goes on answering reads and /ping while a write waits', async () => {
    const waiting = answerTo(send('Qqtown'));
    await until(() => pool.stats().running === 1);
    expect((await server.inject('/countries/PT')).statusCode).to.equal(200);
    expect((await server.inject('/ping')).statusCode).to.equal(200);
    expect(pool.stats()).to.deep.include({ running: 1, fulfilled: 1 });
    lock.exec('rollback');
    expect(await waiting).to.deep.include({ status: 201, name: 'Qqtown' });
  });

  it('says 503 where too many wait, and loses none of those that it took', async () => {
    const answers = Promise.all(Array.from({ length: 8 }, (_, i) => answerTo(send(`Qqtown ${i}`))));
    await until(() => {
      const { waiting, running, rejected } = pool.stats();
      return rejected > 0 && waiting + running + rejected === 8;
    });
    lock.exec('rollback');
    const taken = (await answers).filter(({ status }) => status === 201);
    const refused = (await answers).filter(({ status }) => status !== 201);
    expect(cities()).to.equal(taken.map(({ name }) => name).join());
    expect(refused).to.have.length(pool.stats().rejected);
    for (const answer of refused)
      expect(answer).to.deep.equal({ status: 503, error: 'there is too much to do just now; try again soon' });
  });

  it('says nothing of what went wrong inside but to the log, and /ping goes on', async () => {
    await pool.destroy();
    const answer = await server.inject('/countries/PT');
    expect(answer.statusCode).to.equal(500);
    expect(answer.json()).to.deep.equal({ error: 'this did not work; the log says why' });
    expect(logged).to.have.length(1);
    expect(JSON.parse(logged[0] as string).err.type).to.equal('PoolClosedError');
    expect((await server.inject('/ping')).statusCode).to.equal(200);
  });
});
