import { rmSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { QueueTimeoutError, SetupError } from 'offthread';
import { rejection } from './rejection.js';
import { type Notes, Stage } from './stage.js';

describe('lanes: a lane that cannot be opened again', () => {
  let stage: Stage;
  let pool: Notes;
  let obstacle: string;

  before(async () => {
    stage = new Stage();
    obstacle = stage.scratch.file('obstacle');
    pool = await stage.open({ env: { ...process.env, SETUP_FAILS_WITH: obstacle } });
  });
  beforeEach(async () => {
    await pool.run('clear');
    writeFileSync(obstacle, '');
  });
  afterEach(() => rmSync(obstacle, { force: true }));
  after(() => stage.remove());

  const roles = () => pool.stats().lanes.map(({ role, state }) => `${role} ${state}`);

  /** It was tried, and failed. */
  async function failed(role: string): Promise<void> {
    for (let i = 0; i < 1_000 && roles().some((each) => each.startsWith(role)); i++) await pause(5);
  }

  it('is opened again and again, and those who wait are served as soon as it works', async () => {
    await rejection(pool.run('death.exit', [1]));
    const calls = [2, 3].map((id) => pool.run('add', [id]));
    await failed('writer');
    await pause(150);
    expect(pool.stats()).to.include({ waiting: 2 });
    rmSync(obstacle);
    expect(await Promise.all(calls)).to.deep.equal([2, 3]);
    expect(await pool.run('ids')).to.deep.equal([2, 3]);
    // The thread has seen other connections before: what a unit does with this one is seen all the same.
    await pool.run('hazard.iterateRaw', [4]);
    expect(await pool.run('add', [5])).to.equal(5);
    const told = rejection(pool.run('death.loopOverRaw', [6], { timeout: 60 }));
    expect(await told).to.include({ code: 'OFFTHREAD_TIMEOUT' });
    expect(await pool.run('ids')).to.deep.equal([2, 3, 4, 5]);
    expect(pool.stats().lanesLost).to.equal(1);
  });

  it('is opened again without anybody waiting', async () => {
    await rejection(pool.run('death.exit', [1]));
    await failed('writer');
    rmSync(obstacle);
    for (let i = 0; i < 500 && !roles().includes('writer idle'); i++) await pause(10);
    expect(roles().sort()).to.deep.equal(['reader idle', 'writer idle']);
  });

  it('is told as the reason to those who waited for too long; the other lanes serve on', async () => {
    await rejection(pool.run('death.exit', [1]));
    await failed('writer');
    const error = await rejection(pool.run('add', [2], { queueTimeout: 50 }));
    expect(error).to.be.instanceOf(QueueTimeoutError).and.include({ retryable: true, outcome: 'not-committed' });
    expect(error.cause).to.be.instanceOf(SetupError);
    expect(error.message).to.contain(`${obstacle} is in the way`).and.not.to.contain('busy, not down');
    expect(await pool.run('one')).to.equal(1);
    rmSync(obstacle);
    expect(await pool.run('add', [3])).to.equal(3);
    expect(await pool.run('ids')).to.deep.equal([3]);
  });

  it('of both roles: both come back', async () => {
    await rejection(pool.run('death.exit', [1]));
    await rejection(pool.run('death.exitReading'));
    const calls = [pool.run('add', [2]), pool.run('one')];
    await failed('writer');
    await failed('reader');
    rmSync(obstacle);
    expect(await Promise.all(calls)).to.deep.equal([2, 1]);
  });
});
