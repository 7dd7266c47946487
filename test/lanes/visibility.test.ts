import { expect } from 'chai';
import { sql } from 'offthread';
import { type AnyStage, onEach } from './dialects.js';
import type { Notes } from './stage.js';

onEach('lanes: a read that is submitted after an acknowledged write sees it', (newStage, dialect) => {
  let stage: AnyStage;
  let pool: Notes;

  before(async () => {
    stage = await newStage();
    pool = await stage.open({ threads: dialect === 'sqlite' ? 3 : 2 });
  });
  beforeEach(() => pool.run('clear'));
  after(() => stage.remove());

  it('one after the other, 300 times', async () => {
    for (let id = 1; id <= 300; id++) {
      await pool.run('add', [id]);
      expect(await pool.run('has', [id])).to.equal(true);
    }
  });

  it('on every reader, while others keep them busy', async () => {
    let isOver = false;
    const noise = async () => {
      while (!isOver) await pool.run('ids');
    };
    const others = Array.from({ length: 6 }, noise);
    for (let id = 1; id <= 60; id++) {
      await pool.run('add', [id]);
      const seen = await Promise.all(Array.from({ length: 12 }, () => pool.run('has', [id])));
      expect(seen).to.deep.equal(new Array(12).fill(true));
    }
    isOver = true;
    await Promise.all(others);
  });

  it('in twenty chains beside each other, each its own', async () => {
    const chain = async (start: number) => {
      for (let id = start; id < start + 20; id++) {
        await pool.run('add', [id]);
        expect(await pool.run('has', [id])).to.equal(true);
      }
    };
    await Promise.all(Array.from({ length: 20 }, (_, i) => chain(1 + 20 * i)));
    expect(await pool.run('ids')).to.have.length(400);
  });

  it('as SQL text, also when a reader handed it on', async () => {
    for (let id = 1; id <= 50; id++) {
      // A new text each time, so that no pool remembers it.
      await pool.run(sql`insert into note (id, body) values (${id}, ${sql.lit(`text ${id}`)})`);
      expect(await pool.run(sql`select body from note where id = ${id}`)).to.deep.equal([{ body: `text ${id}` }]);
    }
  });
});
