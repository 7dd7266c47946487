import { expect } from 'chai';
import { createPool, type Pool, sql } from 'offthread';
import { rejection } from '../lanes/rejection.js';
import type * as units from '../lanes/units.js';
import { add, idsOf } from './note.js';

describe('leases: on a database in memory, which has one lane for all', () => {
  let pool: Pool<typeof units>;
  before(async () => {
    pool = await createPool<typeof units>({
      database: 'sqlite::memory:',
      units: new URL('../lanes/units.js', import.meta.url),
    });
    await pool.run(sql`create table note (id integer primary key, body text)`);
  });
  after(() => pool.close());

  it('one for writing keeps all others waiting, and commits', async () => {
    const lease = await pool.lease();
    await add(lease, 1);
    expect(pool.stats().lanes.map(({ role, state }) => [role, state])).to.deep.equal([['both', 'held']]);
    const waits = idsOf(pool.with({ timeout: 5_000 }));
    await lease.run('add', [2]);
    expect(pool.stats()).to.include({ waiting: 1 });
    await lease.commit();
    expect(await waits).to.deep.equal([1, 2]);
  });

  it('one for reading cannot write, and lets the next one', async () => {
    const lease = await pool.lease({ access: 'read' });
    for (const call of [() => add(lease, 3), () => lease.run('add', [3]), () => lease.run([sql`delete from note`])])
      expect(await rejection(call())).to.have.property('code', 'OFFTHREAD_READ_ONLY');
    expect(await idsOf(lease)).to.deep.equal([1, 2]);
    await lease.commit();
    await pool.run('add', [4]);
    expect(await idsOf(pool)).to.deep.equal([1, 2, 4]);
  });

  it('ends with its database', async () => {
    const lease = await pool.lease();
    const calls = [lease.run('death.exit', [5]), pool.run('ids')].map((call) => rejection(call));
    const [within, outside] = await Promise.all(calls);
    expect(within).to.have.property('code', 'OFFTHREAD_LANE_LOST');
    expect(outside?.message).to.contain('The in-memory database went with the thread that held it');
    await lease.rollback();
    expect((await rejection(pool.lease())).message).to.contain('The in-memory database went');
  });
});
