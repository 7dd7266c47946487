import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { Kysely } from 'kysely';
import { sql } from 'offthread';
import { OffthreadDialect } from 'offthread/kysely';
import { Gate } from './gate.js';
import { type Notes, Stage } from './stage.js';

describe('lanes: calls that wait cross together', () => {
  let stage: Stage;
  let pool: Notes;

  before(async () => {
    stage = new Stage();
    pool = await stage.open();
  });
  after(() => stage.remove());

  /** How many messages carried the calls that `work` makes. */
  async function batchesOf(work: () => Promise<unknown>): Promise<number> {
    const before = pool.stats().batches;
    await work();
    return pool.stats().batches - before;
  }

  const ones = (length: number) => () => Promise.all(Array.from({ length }, () => pool.run('one')));

  it('carries a few reads of one turn in one message', async () => {
    expect(await batchesOf(ones(10))).to.equal(1);
  });

  it('carries many reads of one turn in several messages: one is served while the answers of the other are read', async () => {
    expect(await batchesOf(ones(50))).to.be.within(2, 10);
  });

  it('carries no more reads than a lane has places, however little they cost', async () => {
    for (let i = 0; i < 2; i++) expect(await ones(9_000)()).to.have.length(9_000);
    const lists = await Promise.all(Array.from({ length: 4_000 }, () => pool.run([])));
    expect(lists).to.deep.equal(new Array(4_000).fill([]));
  });

  it('carries the writes of one turn in one message', async () => {
    const ids = Array.from({ length: 50 }, (_, i) => i + 1);
    expect(await batchesOf(() => Promise.all(ids.map((id) => pool.run('add', [id]))))).to.equal(1);
    expect(await pool.run('ids')).to.deep.equal(ids);
  });

  it('carries units, SQL text, queries of Kysely and lists of one turn together, reads to the reader and writes to the writer', async () => {
    // One of its own: nobody has measured yet what they cost.
    const fresh = await stage.open();
    const db = new Kysely<{ note: { id: number } }>({ dialect: new OffthreadDialect(fresh) });
    const reads = () => [
      fresh.run('one'),
      fresh.units.ids(),
      fresh.run(sql`select 1`),
      fresh.run(db.selectFrom('note').select('id')),
    ];
    const writes = () => [
      fresh.run('append', ['a']),
      fresh.run([fresh.plan('append', ['b']), sql`select 1`]),
      fresh.run(db.deleteFrom('note').where('id', '=', -1)),
    ];
    await Promise.all([...reads(), ...writes()]);
    expect(fresh.stats().batches).to.equal(2);
  });

  it('carries plans that take long one by one, so that any lane may have the next', async () => {
    const busy = await stage.open({ threads: 3 });
    const calls = () => Promise.all(Array.from({ length: 12 }, () => busy.run('busy', [8])));
    await calls();
    await calls();
    const before = busy.stats().batches;
    await calls();
    expect(busy.stats().batches - before).to.be.at.least(12);
  });

  it('sends a lone call at once, in a message of its own', async () => {
    expect(
      await batchesOf(async () => {
        for (let i = 0; i < 5; i++) expect(await pool.run('one')).to.equal(1);
      }),
    ).to.equal(5);
  });

  it('has two messages with a lane at most; what comes later waits, and crosses together', async () => {
    const gate = new Gate();
    const batches = await batchesOf(async () => {
      const calls = [pool.run('hold', [gate.buffer])];
      await gate.reached();
      for (let i = 0; i < 10; i++) {
        calls.push(pool.run('append', [`late ${i}`]));
        await turn();
      }
      // One is held, one waits with the lane, nine in the queue.
      expect(pool.stats()).to.include({ waiting: 9, running: 2 });
      gate.open();
      await Promise.all(calls);
    });
    expect(batches).to.equal(3);
    expect(pool.stats()).to.include({ waiting: 0, running: 0 });
  });

  it('carries what waits together with what callers ask for once they are answered', async () => {
    const [first, second] = [new Gate(), new Gate()];
    const batches = await batchesOf(async () => {
      const held = pool.run('hold', [first.buffer]);
      const again = held.then(() => pool.run('append', ['again']));
      await first.reached();
      const calls = [again, pool.run('hold', [second.buffer])];
      await turn();
      calls.push(pool.run('append', ['late']));
      first.open();
      await held;
      second.open();
      await Promise.all(calls);
    });
    expect(batches).to.equal(3);
  });

  it('counts what was fulfilled and what was rejected', async () => {
    const before = pool.stats();
    await Promise.allSettled([pool.run('one'), pool.run('hazard.fail', [7]), pool.run('one'), pool.run('one')]);
    expect(pool.stats()).to.include({ fulfilled: before.fulfilled + 3, rejected: before.rejected + 1 });
  });

  it('takes more texts than a lane remembers, in one turn and again', async () => {
    const texts = Array.from({ length: 2_500 }, (_, i) => i);
    for (let round = 0; round < 2; round++) {
      const rows = await Promise.all(texts.map((i) => pool.run(sql<{ n: number }>`select ${sql.lit(i)} as n`)));
      expect(rows.map(([row]) => row?.n)).to.deep.equal(texts);
    }
  });

  it('takes more calls than fit into the messages of a lane', async () => {
    await pool.run('clear');
    const ids = Array.from({ length: 3_000 }, (_, i) => i + 1);
    const [written, read] = await Promise.all([
      Promise.all(ids.map((id) => pool.run('add', [id]))),
      Promise.all(ids.map((id) => pool.run(sql`select ${id} as id`))),
    ]);
    expect(written).to.deep.equal(ids);
    expect(read).to.deep.equal(ids.map((id) => [{ id }]));
    expect(await pool.run('ids')).to.deep.equal(ids);
  });
});
