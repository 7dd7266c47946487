import { once } from 'node:events';
import { request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type Sqlite from 'better-sqlite3';
import { expect } from 'chai';
import { createPool } from 'offthread';
import { expressServer } from '../../examples/servers/express.js';
import { fastifyServer } from '../../examples/servers/fastify.js';
import { type GuestBook, openGuestBook } from '../../examples/servers/guest-book.js';
import type * as units from '../../examples/servers/guests.js';
import { koaServer } from '../../examples/servers/koa.js';
import { nodeServer } from '../../examples/servers/node.js';
import { makeApp } from '../../examples/tornado/handlers.js';
import { Scratch } from '../scratch.js';
import { answer } from './answer.js';
import { Program } from './program.js';
import { until } from './until.js';

const UNITS = new URL('../../examples/servers/guests.js', import.meta.url);

/** How each of them is started; Tornado's handlers take their arguments from a form. */
const servers: Record<string, (pool: GuestBook) => Server | Promise<Server>> = {
  Express: (pool) => expressServer(pool).listen(0, '127.0.0.1'),
  Koa: (pool) => koaServer(pool).listen(0, '127.0.0.1'),
  'plain http': (pool) => nodeServer(pool).listen(0, '127.0.0.1'),
  Fastify: async (pool) => {
    const app = fastifyServer(pool);
    await app.ready();
    return app.server.listen(0, '127.0.0.1');
  },
  "Tornado's handlers": (pool) => makeApp(pool).listen(0),
};

async function listening(server: Server): Promise<Server> {
  if (!server.listening) await once(server, 'listening');
  return server;
}
const urlOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
function leave(server: Server): void {
  server.close();
  server.closeAllConnections();
}

describe('The guest book,', () => {
  let scratch: Scratch;
  let file: string;
  let own: Sqlite.Database;
  let pool: GuestBook;
  /** Servers whose pool is destroyed. */
  const orphans = new Map<string, Server>();

  before(async () => {
    scratch = new Scratch();
    file = scratch.file();
    pool = await openGuestBook(file);
    own = scratch.open();
    const doomed = await createPool<typeof units>({ database: `sqlite:${file}`, units: UNITS, threads: 1 });
    for (const [name, start] of Object.entries(servers)) orphans.set(name, await listening(await start(doomed)));
    await doomed.destroy();
  });
  beforeEach(() => own.exec('delete from guest'));
  after(async () => {
    for (const server of orphans.values()) leave(server);
    await pool.close();
    scratch.remove();
  });

  for (const [name, start] of Object.entries(servers))
    describe(`served with ${name}`, () => {
      const isForm = name.startsWith('Tornado');
      const headers = { 'content-type': isForm ? 'application/x-www-form-urlencoded' : 'application/json' };
      const bodyOf = (guest: object) =>
        isForm ? new URLSearchParams({ ...guest } as Record<string, string>).toString() : JSON.stringify(guest);
      let server: Server;
      let url: string;

      beforeEach(async () => {
        server = await listening(await start(pool));
        url = urlOf(server);
      });
      afterEach(() => leave(server));

      const told = async (response: Response) => ({ status: response.status, body: await response.json() });
      const get = async (path: string) => told(await fetch(url + path));
      const sign = async (guest: object) =>
        told(await fetch(`${url}/guests`, { method: 'POST', headers, body: bodyOf(guest) }));
      const signed = () => answer(file, 'select group_concat(name) from guest');

      it('takes guests, and shows them', async () => {
        expect(await sign({ name: ' Ada ' })).to.deep.equal({ status: 201, body: { id: 1, name: 'Ada' } });
        expect(await sign({ name: 'Grace' })).to.deep.equal({ status: 201, body: { id: 2, name: 'Grace' } });
        expect(await get('/guests/2')).to.deep.equal({ status: 200, body: { id: 2, name: 'Grace' } });
        expect(await get('/guests')).to.deep.equal({
          status: 200,
          body: [
            { id: 1, name: 'Ada' },
            { id: 2, name: 'Grace' },
          ],
        });
      });

      it('says 404 for who is not there, 400 for who has no name, and nothing of what went wrong inside', async () => {
        expect((await fetch(`${url}/guests/7`)).status).to.equal(404);
        expect((await fetch(`${url}/nothing`)).status).to.equal(404);
        expect(await sign({ name: ' ' })).to.deep.equal({ status: 400, body: { error: 'a guest has a name' } });
        url = urlOf(orphans.get(name) as Server);
        expect((await get('/guests')).status).to.equal(500);
        expect(JSON.stringify((await get('/guests')).body)).to.not.include('pool');
      });

      describe('while another process holds the write lock', () => {
        let lock: Sqlite.Database;
        let rejected: number;
        beforeEach(() => {
          lock = scratch.open();
          lock.exec('begin immediate');
          rejected = pool.stats().rejected;
        });
        afterEach(() => lock.close());
        const leaving = () => {
          const asked = request(`${url}/guests`, { method: 'POST', headers });
          asked.on('error', () => {}); // its own end
          asked.end(bodyOf({ name: 'Gone' }));
          return asked;
        };

        it('stops the unit of a client that leaves: nothing of it is committed', async () => {
          const asked = leaving();
          await until(() => pool.stats().running === 1);
          asked.destroy();
          await until(() => pool.stats().rejected === rejected + 1);
          await until(() => pool.stats().lanes[0]?.state === 'idle');
          lock.exec('rollback');
          expect(await sign({ name: 'Ada' })).to.deep.equal({ status: 201, body: { id: 1, name: 'Ada' } });
          expect(signed()).to.equal('Ada');
          expect(pool.stats()).to.deep.include({ rejected: rejected + 1, lanesLost: 0 });
        });

        it('goes on with those of the others, and with reads', async () => {
          const asked = leaving();
          await until(() => pool.stats().running === 1);
          const staying = sign({ name: 'Ada' });
          await until(() => pool.stats().running + pool.stats().waiting === 2);
          expect(await get('/guests')).to.deep.equal({ status: 200, body: [] });
          asked.destroy();
          await until(() => pool.stats().rejected === rejected + 1);
          lock.exec('rollback');
          expect((await staying).status).to.equal(201);
          expect(signed()).to.equal('Ada');
        });
      });
    });
});

describe("The example of Tornado's handlers", () => {
  let scratch: Scratch;
  let pool: GuestBook;
  let server: Server;
  let url: string;
  before(async () => {
    scratch = new Scratch();
    scratch.writer('create table guest (id integer primary key, name text not null)');
    pool = await createPool<typeof units>({ database: `sqlite:${scratch.file()}`, units: UNITS, threads: 1 });
    server = await listening(makeApp(pool).listen(0));
    url = urlOf(server);
  });
  after(async () => {
    leave(server);
    await pool.close();
    scratch.remove();
  });
  const told = async (response: Response) => [response.status, await response.text()];

  it('writes text, with an argument of the query and a default', async () => {
    expect(await told(await fetch(url))).to.deep.equal([200, 'Hello, world']);
    expect(await told(await fetch(`${url}/?name=Ada%20L.`))).to.deep.equal([200, 'Hello, Ada L.']);
  });

  it('says which argument is missing, who is not there, and what a handler does not do', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await told(await fetch(`${url}/guests`, { method: 'POST', headers: form, body: 'nam=Ada' }))).to.deep.equal([
      400,
      '{"error":"Missing argument name"}',
    ]);
    expect(await told(await fetch(`${url}/guests/7`))).to.deep.equal([404, '{"error":"there is no guest 7"}']);
    expect(await told(await fetch(`${url}/guests`, { method: 'DELETE' }))).to.deep.equal([
      405,
      '{"error":"Method Not Allowed"}',
    ]);
    expect((await fetch(`${url}/guests`, { method: 'PATCH' })).status).to.equal(405);
    expect(await told(await fetch(`${url}/nothing`))).to.deep.equal([404, '{"error":"Not Found"}']);
  });
});

describe('The examples of servers as programs', function () {
  this.timeout(60_000);
  const url = (path: string) => new URL(`../../examples/${path}`, import.meta.url);
  for (const [program, ...args] of [
    ['servers/main.js', 'express'],
    ['servers/main.js', 'koa'],
    ['servers/main.js', 'node'],
    ['servers/main.js', 'fastify'],
    ['tornado/main.js'],
  ] as const)
    it(`serve, and end at SIGTERM with nothing left: ${[program, ...args].join(' ')}`, async () => {
      const scratch = new Scratch();
      await using running = new Program(url(program), [...args, scratch.file()], { PORT: '0' });
      const [, address = ''] = await running.printed(/^guests sign on (http:\/\/127\.0\.0\.1:\d+\/guests)\n/);
      expect(await (await fetch(address, { headers: { connection: 'close' } })).json()).to.deep.equal([]);
      running.kill('SIGTERM');
      expect(await running.ended()).to.deep.include({ code: 0, signal: null, errors: '' });
      expect(scratch.names()).to.deep.equal(['ground.db']);
      scratch.remove();
    });

  it('say which servers there are', async () => {
    await using running = new Program(url('servers/main.js'), ['hapi']);
    expect(await running.ended()).to.deep.include({
      code: 1,
      errors: "'hapi' is none of express, koa, node, fastify\n",
    });
  });
});
