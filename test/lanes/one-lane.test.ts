import { expect } from 'chai';
import { sql } from 'offthread';
import type { AnyStage } from './dialects.js';
import { MysqlStage } from './mysql-stage.js';
import { rejection } from './rejection.js';
import { type Notes, Stage, WITH_ENTITIES } from './stage.js';

for (const where of ['a file with threads: 1', 'sqlite::memory:', 'a server with threads: 1']) {
  describe(`lanes: one for reads and writes, on ${where}`, () => {
    const isOnServer = where.startsWith('a server');
    let stage: AnyStage;
    let pool: Notes;

    before(async () => {
      stage = isOnServer ? await MysqlStage.make() : new Stage();
      const memory = where === 'sqlite::memory:' && { database: where, threads: undefined };
      pool = await stage.open({ ...WITH_ENTITIES, threads: 1, ...memory });
    });
    beforeEach(() => pool.run('clear'));
    after(() => stage.remove());

    it('serves reads and writes of one turn in one message, in their order', async () => {
      const { lanes } = pool.stats();
      expect(lanes).to.have.length(1);
      expect(lanes[0]).to.include({ role: 'both', state: 'idle', calls: 0 });
      const before = pool.stats().batches;
      expect(
        await Promise.all([
          pool.run('ids'),
          pool.run('add', [1]),
          pool.run('ids'),
          pool.run(sql`insert into note (id) values (2)`),
          pool.run(sql`select id from note`),
          pool.run([sql`insert into note (id) values (3)`, pool.plan('ids')]),
          pool.run('ids'),
        ]),
      ).to.deep.equal([
        [],
        1,
        [1],
        { changes: 1, insertId: 2 },
        [{ id: 1 }, { id: 2 }],
        [{ changes: 1, insertId: 3 }, [1, 2, 3]],
        [1, 2, 3],
      ]);
      expect(pool.stats().batches - before).to.equal(1);
    });

    for (const name of ['hazard.readThatRuns', 'hazard.readThatAdds', 'hazard.readThatTakesRaw'] as const) {
      // Which is another on a server.
      if (isOnServer && name === 'hazard.readThatTakesRaw') continue;
      it(`refuses ${name}, which only says that it reads, and lets those around it write`, async () => {
        const calls = [pool.run('add', [1]), pool.run(name, [2]), pool.run('add', [3])];
        const [, refused] = await Promise.allSettled(calls);
        expect(refused).to.have.nested.property('reason.code', 'OFFTHREAD_READ_ONLY');
        expect(await pool.run('ids')).to.deep.equal([1, 3]);
        expect(await pool.run('add', [4])).to.equal(4);
      });
    }

    it('a write of a list that fails is undone', async () => {
      const error = await rejection(pool.run([pool.plan('add', [1]), pool.plan('hazard.fail', [2])]));
      expect(error).to.be.instanceOf(RangeError);
      expect(await pool.run('ids')).to.deep.equal([]);
    });

    if (isOnServer) return;
    for (const name of ['hazard.iterateRaw', 'hazard.iterateRawReading'] as const) {
      it(`survives ${name}, which leaves an iterator of the raw connection open`, async () => {
        await pool.run('add', [1]);
        await pool.run(name, [7]);
        const before = await pool.run('ids');
        expect(before).to.deep.equal(name === 'hazard.iterateRaw' ? [1, 7] : [1]);
        expect(await pool.run('add', [8])).to.equal(8);
        expect(await pool.run('ids')).to.deep.equal([...before, 8]);
        expect(await pool.run(sql`select lane() as lane`)).to.deep.equal([{ lane: 'writer' }]);
        expect(pool.stats().lanesLost).to.equal(0);
      });
    }
  });
}
