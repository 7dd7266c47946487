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
  /** How many calls had ended before the test. */
  let fulfilled: number;
  let rejected: number;
  /** As openWorld does, with a queue that is soon full. */
  const open = (threads: number) =>
    createPool<typeof units>({
      database: `sqlite:${file}`,
      units: new URL('../../examples/world/units.js', import.meta.url),
      errors: [NotFound, Duplicate],
      maxQueue: 1,
      threads,
    });
  const serve = (asked: World) =>
    buildServer(asked, { logger: { level: 'warn', stream: { write: (line) => void logged.push(line) } } });
  before(async () => {
    file = await copyWorld();
    pool = await open(2);
  });
  beforeEach(async () => {
    logged.length = 0;
    server = serve(pool);
    await server.listen({ host: '127.0.0.1', port: 0 });
    ({ fulfilled, rejected } = pool.stats());
    // Whoever writes now waits for this one.
    lock = new Database(file);
    lock.exec("delete from city where name like 'Qqtown%'");
    lock.exec('begin immediate');
  });
  afterEach(async () => {
    lock.close();
    await server.close();
  });
  after(() => pool.close());

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
    expect(pool.stats()).to.deep.include({ fulfilled, rejected });

    leaving.destroy();
    await until(() => pool.stats().rejected === rejected + 1);
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
    expect(pool.stats()).to.deep.include({ running: 1, fulfilled: fulfilled + 1 });
    lock.exec('rollback');
    expect(await waiting).to.deep.include({ status: 201, name: 'Qqtown' });
  });

  it('says 503 where too many wait, and loses none of those that it took', async () => {
    const answers = Promise.all(Array.from({ length: 8 }, (_, i) => answerTo(send(`Qqtown ${i}`))));
    await until(() => {
      const { waiting, running, rejected: all } = pool.stats();
      return all > rejected && waiting + running + all - rejected === 8;
    });
    lock.exec('rollback');
    const taken = (await answers).filter(({ status }) => status === 201);
    const refused = (await answers).filter(({ status }) => status !== 201);
    expect(cities()).to.equal(taken.map(({ name }) => name).join());
    expect(refused).to.have.length(pool.stats().rejected - rejected);
    for (const answer of refused)
      expect(answer).to.deep.equal({ status: 503, error: 'there is too much to do just now; try again soon' });
  });

  it('says nothing of what went wrong inside but to the log, and /ping goes on', async () => {
    const destroyed = await open(1);
    await destroyed.destroy();
    const server = serve(destroyed);
    const answer = await server.inject('/countries/PT');
    expect(answer.statusCode).to.equal(500);
    expect(answer.json()).to.deep.equal({ error: 'this did not work; the log says why' });
    expect(logged).to.have.length(1);
    expect(JSON.parse(logged[0] as string).err.type).to.equal('PoolClosedError');
    expect((await server.inject('/ping')).statusCode).to.equal(200);
    await server.close();
  });
});
