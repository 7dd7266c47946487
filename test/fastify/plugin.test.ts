import { writeFileSync } from 'node:fs';
import { expect } from 'chai';
import Fastify from 'fastify';
import { createPool, type Pool } from 'offthread';
import offthread, { fastifyOffthread } from 'offthread/fastify';
import { failureOf } from '../pool/failure.js';
import { Desk, type Notes } from './server.js';

type NamedNotes = Record<string, Notes>;

describe('the plugin of Fastify', function () {
  this.timeout(60_000);

  it('is fastify.db for whoever registers it, and for what is registered there', async () => {
    await using desk = new Desk();
    const { app } = desk;
    app.register(offthread, desk.withUnits());
    let inside: unknown;
    app.register((child, _options, done) => {
      inside = child.db;
      done();
    });
    await app.ready();
    const pool = app.getDecorator<Notes>('db');
    await pool.units.add('one');
    expect(await pool.units.bodies()).to.deep.equal(['one']);
    expect(inside).to.equal(pool);
  });

  it('says who it is, as fastify-plugin would: its name, and which Fastify it is for', async () => {
    await using desk = new Desk();
    desk.app.register(fastifyOffthread, desk.options());
    let isKnown = false;
    const dependent = Object.assign((_app: unknown, _options: unknown, done: () => void) => done(), {
      [Symbol.for('plugin-meta')]: { name: 'dependent', dependencies: ['offthread'] },
    });
    desk.app.register(dependent);
    desk.app.addHook('onReady', (done) => {
      isKnown = desk.app.hasPlugin('offthread');
      done();
    });
    await desk.app.ready();
    expect(isKnown).to.equal(true);
    expect(desk.app.printPlugins()).to.match(/^.*offthread \d+ ms$/m);

    const old = Fastify();
    Object.defineProperty(old, 'version', { value: '4.29.0' });
    const error = await failureOf(() => old.register(offthread, { database: 'sqlite::memory:' }).ready());
    expect(error.code).to.equal('FST_ERR_PLUGIN_VERSION_MISMATCH');
    expect(error.message).to.include('offthread').and.include('5.x');
  });

  describe('ready()', () => {
    it('fails with what the database says', async () => {
      await using desk = new Desk();
      const path = desk.path('text.db');
      writeFileSync(path, 'this is a text, and no database of any kind '.repeat(100));
      const error = await failureOf(() =>
        desk.app.register(offthread, { database: `sqlite:${path}`, threads: 1 }).ready(),
      );
      expect(error).to.include({ name: 'DatabaseError', kind: 'not-a-database' });
    });

    it('fails where a pool that was given does not answer', async () => {
      await using desk = new Desk();
      const pool = await createPool(desk.options());
      await pool.close();
      const error = await failureOf(() => desk.app.register(offthread, { pool }).ready());
      expect(error).to.have.property('name', 'PoolClosedError');
    });

    it('fails with the option that is wrong', async () => {
      for (const [wrong, message] of [
        [{ thread: 2 }, "createPool() has no option 'thread'. Did you mean 'threads'?"],
        [{ name: '' }, "name must be a text, or left out, not ''."],
        [{ closeTimeout: -1 }, 'closeTimeout must be more than 0 milliseconds, or Infinity for no limit, not -1.'],
      ] as const) {
        const app = Fastify();
        const error = await failureOf(() => app.register(offthread, { database: 'sqlite::memory:', ...wrong }).ready());
        expect(error.message).to.equal(message);
        await app.close();
      }
    });
  });

  describe('several pools', () => {
    it('have names, and are fastify.db[name]', async () => {
      await using desk = new Desk();
      desk.app.register(offthread, { ...desk.withUnits('shop.db'), name: 'shop' });
      desk.app.register(offthread, { ...desk.withUnits('log.db'), name: 'log' });
      await desk.app.ready();
      const db = desk.app.getDecorator<NamedNotes>('db');
      await db.shop?.units.add('in the shop');
      expect(await db.shop?.units.bodies()).to.deep.equal(['in the shop']);
      expect(await db.log?.units.bodies()).to.deep.equal([]);
      expect(Object.keys(db)).to.deep.equal(['shop', 'log']);
    });

    it('of a context inside of another are seen there only', async () => {
      await using desk = new Desk();
      const { app } = desk;
      app.register(offthread, { ...desk.options('shop.db'), name: 'shop' });
      let names: string[] = [];
      app.register((child, _options, done) => {
        child.register(offthread, { ...desk.options('log.db'), name: 'log' }).after(() => {
          names = Object.keys(child.db).concat('shop' in child.db ? 'and shop' : []);
        });
        done();
      });
      await app.ready();
      expect(names).to.deep.equal(['log', 'and shop']);
      expect(Object.keys(app.db)).to.deep.equal(['shop']);
    });

    for (const [what, first, second, problem] of [
      ['two without a name', undefined, undefined, 'fastify.db is registered already'],
      ['one without a name and one with', undefined, 'shop', 'fastify.db is registered already'],
      ['one with a name and one without', 'shop', undefined, 'fastify.db is registered already'],
      ['two of one name', 'shop', 'shop', "a pool named 'shop' is registered already"],
    ] as const)
      it(`are refused: ${what}`, async () => {
        await using desk = new Desk();
        desk.app.register(offthread, { ...desk.options('first.db'), name: first });
        desk.app.register(offthread, { ...desk.options('second.db'), name: second });
        const error = await failureOf(() => desk.app.ready());
        expect(error).to.have.property('code', 'OFFTHREAD_CALL');
        expect(error.message).to.equal(
          `register(offthread): ${problem}. Give each a name of its own: { name: 'shop' } is fastify.db.shop.`,
        );
      });

    it('may stand in contexts beside each other without names', async () => {
      await using desk = new Desk();
      const pools: Pool[] = [];
      for (const name of ['first.db', 'second.db'])
        desk.app.register((child, _options, done) => {
          child.register(offthread, desk.options(name)).after(() => pools.push(child.getDecorator<Pool>('db')));
          done();
        });
      await desk.app.ready();
      expect(new Set(pools).size).to.equal(2);
      expect(desk.app.hasDecorator('db')).to.equal(false);
    });
  });

  describe('fastify.close()', () => {
    it('lets calls finish, and closes the pool: nothing is left of it', async () => {
      await using desk = new Desk();
      const options = desk.withUnits();
      desk.app.register(offthread, options);
      await desk.app.ready();
      const pool = desk.app.getDecorator<Notes>('db');
      const added = Promise.all(['one', 'two', 'three'].map((body) => pool.units.add(body)));
      await desk.app.close();
      expect(await added).to.have.length(3);
      expect(await failureOf(pool.units.bodies())).to.have.property('name', 'PoolClosedError');
      expect(pool.stats().lanes).to.deep.equal([]);
    });

    it('cuts what is not done after closeTimeout', async () => {
      await using desk = new Desk();
      desk.app.register(offthread, { ...desk.withUnits(), closeTimeout: 50 });
      await desk.app.ready();
      const pool = desk.app.getDecorator<Notes>('db');
      const cut = failureOf(pool.units.addForEver('never'));
      await desk.app.close();
      expect(await cut).to.have.property('name', 'PoolClosedError');
    });

    it('leaves a pool open that was given, unless it is told to close it', async () => {
      await using given = new Desk();
      await using pool = await createPool(given.withUnits());
      for (const close of [undefined, true] as const) {
        await using desk = new Desk();
        await desk.app.register(offthread, { pool, close }).ready();
        await desk.app.close();
        const answer = pool.run('bodies').then(
          () => 'open',
          (error) => error.name,
        );
        expect(await answer).to.equal(close ? 'PoolClosedError' : 'open');
      }
    });

    it('leaves a pool open that it has made, where it is told to', async () => {
      await using desk = new Desk();
      await desk.app.register(offthread, { ...desk.withUnits(), close: false }).ready();
      const pool = desk.app.getDecorator<Notes>('db');
      await desk.app.close();
      expect(await pool.units.bodies()).to.deep.equal([]);
      await pool.close();
    });
  });
});
