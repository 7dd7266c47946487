import { expect } from 'chai';
import { sql } from 'offthread';
import { countCommits } from './commits.js';
import { Gate } from './gate.js';
import { type Notes, Stage } from './stage.js';

const ids = Array.from({ length: 20 }, (_, i) => i + 1);

describe('lanes: writers that wait share a commit', () => {
  let stage: Stage;
  let pool: Notes;

  before(async () => {
    stage = new Stage();
    pool = await stage.open();
  });
  beforeEach(() => pool.run('clear'));
  after(() => stage.remove());

  /** Commits in the file itself. A group ends early where the machine was busy for some milliseconds: then it is tried again. */
  async function commitsOf(wanted: number, work: () => Promise<unknown>): Promise<number> {
    let commits = 0;
    for (let i = 0; i < 10 && commits !== wanted; i++) {
      await pool.run('clear');
      const before = countCommits(stage.file);
      await work();
      commits = countCommits(stage.file) - before;
    }
    return commits;
  }

  it('twenty that wait make one commit, and twenty one after the other make twenty', async () => {
    expect(await commitsOf(1, () => Promise.all(ids.map((id) => pool.run('add', [id]))))).to.equal(1);
    expect(await pool.run('ids')).to.deep.equal(ids);
    const before = countCommits(stage.file);
    for (const id of ids) await pool.run('add', [100 + id]);
    expect(countCommits(stage.file) - before).to.equal(20);
  });

  it('units, SQL text, lists and queries are members alike', async () => {
    const insert = (id: number) => sql`insert into note (id) values (${id})`;
    await pool.run(insert(99));
    const work = () =>
      Promise.all([pool.run('add', [1]), pool.run(insert(2)), pool.run([insert(3), pool.plan('add', [4])])]);
    expect(await commitsOf(1, work)).to.equal(1);
    expect(await pool.run('ids')).to.deep.equal([1, 2, 3, 4]);
  });

  it('a member that fails rolls back itself alone, and the others are not run again for it', async () => {
    const count = Gate.opened();
    let settled: PromiseSettledResult<unknown>[] = [];
    let runs = 0;
    const work = async () => {
      const before = count.count;
      settled = await Promise.allSettled([
        pool.run('addCounted', [11, count.buffer]),
        pool.run('hazard.fail', [12]),
        pool.run('hazard.conflict', [13]),
        pool.run('addCounted', [14, count.buffer]),
      ]);
      runs = count.count - before;
    };
    await pool.run('add', [1]);
    expect(await commitsOf(1, work)).to.equal(1);
    expect(settled.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(runs).to.equal(2);
    expect(await pool.run('ids')).to.deep.equal([1, 11, 13, 14]);
  });

  it('a list that fails rolls back all of itself, and nobody else', async () => {
    const settled = await Promise.allSettled([
      pool.run('add', [1]),
      pool.run([pool.plan('add', [2]), pool.plan('add', [1]), pool.plan('add', [3])]),
      pool.run('add', [4]),
    ]);
    expect(settled.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled']);
    expect(await pool.run('ids')).to.deep.equal([1, 4]);
  });

  it('units that take the raw connection have a commit of their own, from the first time on', async () => {
    const work = () =>
      Promise.all([pool.run('add', [1]), pool.run('hazard.useRaw', [2]), pool.run('hazard.useRaw', [3])]);
    const before = countCommits(stage.file);
    await work();
    expect(countCommits(stage.file) - before).to.equal(3);
    expect(await commitsOf(3, work)).to.equal(3);
    expect(await pool.run('ids')).to.deep.equal([1, 2, 3]);
  });

  it('units that are known as slow have a commit of their own', async () => {
    await pool.run('sleepAndAdd', [9, 40]);
    const work = () =>
      Promise.all([pool.run('add', [1]), pool.run('add', [2]), pool.run('sleepAndAdd', [3, 0]), pool.run('add', [4])]);
    // Two before it together, itself, and one behind it.
    expect(await commitsOf(3, work)).to.equal(3);
    expect(await pool.run('ids')).to.deep.equal([1, 2, 3, 4]);
  });

  it('a group that holds the lock for too long commits what it has', async () => {
    const before = countCommits(stage.file);
    await Promise.all([pool.run('addSlowly', [1]), pool.run('add', [2])]);
    expect(countCommits(stage.file) - before).to.equal(2);
  });

  it('writes that change nothing make no commit in the file', async () => {
    const before = countCommits(stage.file);
    await Promise.all([pool.run('writingThread'), pool.run('writingThread'), pool.run(sql`delete from note`)]);
    expect(countCommits(stage.file) - before).to.equal(0);
  });
});
