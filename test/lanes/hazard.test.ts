import { expect } from 'chai';
import { Gate } from './gate.js';
import { type Notes, Stage, WITH_ENTITIES } from './stage.js';

const taken = /^UNIQUE constraint failed: note\.id/;
const lost = /^The unit 'hazard\.\w+' ended its own transaction \(.+\)\. Let the pool begin, commit and roll back\.$/;
const atCommit = /^FOREIGN KEY constraint failed \(SQLITE_CONSTRAINT_FOREIGNKEY\)\n {2}in: commit$/;
const unportable =
  /^The result of 'hazard\.returnFunction'\.rows\[0\]\.format cannot cross between threads: it is the func/;

/** What each culprit is told; the others commit. */
const culprits: readonly (readonly [name: string, type: string, code: string, message: RegExp, outcome: string])[] = [
  ['fail', 'RangeError', 'none', /^on purpose$/, 'none'],
  ['mentionCommit', 'RangeError', 'none', /^on purpose$/, 'none'],
  ['conflict', 'DatabaseError', 'SQLITE_CONSTRAINT_PRIMARYKEY', taken, 'not-committed'],
  ['orRollback', 'DatabaseError', 'SQLITE_CONSTRAINT_PRIMARYKEY', taken, 'not-committed'],
  ['raise', 'DatabaseError', 'SQLITE_CONSTRAINT_TRIGGER', /^refused by a trigger/, 'not-committed'],
  ['swallowRollback', 'TransactionLostError', 'OFFTHREAD_TRANSACTION_LOST', lost, 'not-committed'],
  ['swallowRaise', 'TransactionLostError', 'OFFTHREAD_TRANSACTION_LOST', lost, 'not-committed'],
  ['swallowAndEnd', 'TransactionLostError', 'OFFTHREAD_TRANSACTION_LOST', lost, 'not-committed'],
  ['orphan', 'DatabaseError', 'SQLITE_CONSTRAINT_FOREIGNKEY', atCommit, 'not-committed'],
  ['fill', 'DatabaseError', 'SQLITE_FULL', /^database or disk is full/, 'not-committed'],
  ['rollbackRaw', 'TransactionLostError', 'OFFTHREAD_TRANSACTION_LOST', lost, 'unknown'],
  ['commitRaw', 'TransactionLostError', 'OFFTHREAD_TRANSACTION_LOST', lost, 'unknown'],
  ['commitRawBehindComment', 'TransactionLostError', 'OFFTHREAD_TRANSACTION_LOST', lost, 'unknown'],
  ['commitRawAndBegin', 'TransactionLostError', 'OFFTHREAD_TRANSACTION_LOST', lost, 'unknown'],
  ['returnFunction', 'NotPortableError', 'OFFTHREAD_NOT_PORTABLE', unportable, 'not-committed'],
  ['returnPromise', 'PromiseResultError', 'OFFTHREAD_PROMISE_RESULT', /returned a promise, so/, 'not-committed'],
];

/** What only looks like one, and commits with the others. */
const innocents: readonly (readonly [name: string, value: unknown])[] = [
  ['swallowConflict', undefined],
  ['swallowSavepoint', undefined],
  ['iterate', undefined],
  ['iterateRaw', undefined],
  ['transactRaw', undefined],
  ['useRaw', undefined],
  ['catchRaw', 'alone'],
];

describe('lanes: in a group of writes the culprit alone fails', () => {
  let stage: Stage;
  let pool: Notes;

  before(async () => {
    stage = new Stage();
    pool = await stage.open(WITH_ENTITIES);
  });
  beforeEach(async () => {
    await pool.run('clear');
    await pool.run('add', [1]);
  });
  after(() => stage.remove());

  /** A hazard that wants to add 99, at a place among three that add 10, 20 and 30: what becomes of it, and of them. */
  async function runAmongOthers(name: string, place: number) {
    const calls: Promise<unknown>[] = [10, 20, 30].map((id) => pool.run('add', [id]));
    calls.splice(place, 0, pool.run(`hazard.${name}` as 'hazard.fail', [99]));
    const settled = await Promise.allSettled(calls);
    const [hazard] = settled.splice(place, 1);
    return { hazard, others: settled.map((each) => (each.status === 'fulfilled' ? each.value : each.reason)) };
  }

  for (const [name, type, code, message, outcome] of culprits) {
    it(`${name}: ${type}, wherever it stands among the others`, async () => {
      for (const place of [0, 1, 3]) {
        const { hazard, others } = await runAmongOthers(name, place);
        expect(others).to.deep.equal([10, 20, 30]);
        expect(hazard).to.have.property('status', 'rejected');
        const { reason } = hazard as PromiseRejectedResult;
        expect([reason.constructor.name, reason.code ?? 'none', reason.outcome ?? 'none']).to.deep.equal([
          type,
          code,
          outcome,
        ]);
        expect(reason.message).to.match(message);
        expect(await pool.run('ids')).to.deep.equal([1, 10, 20, 30]);
        for (const id of [10, 20, 30]) await pool.run('remove', [id]);
      }
      expect(pool.stats().lanesLost).to.equal(0);
    });
  }

  for (const [name, value] of innocents) {
    it(`${name} is no culprit: it commits, wherever it stands`, async () => {
      for (const place of [0, 1, 3]) {
        const { hazard, others } = await runAmongOthers(name, place);
        expect(others).to.deep.equal([10, 20, 30]);
        expect(hazard).to.deep.equal({ status: 'fulfilled', value });
        expect(await pool.run('ids')).to.deep.equal([1, 10, 20, 30, 99]);
        for (const id of [10, 20, 30, 99]) await pool.run('remove', [id]);
      }
    });
  }

  it('all at once: each is told what it is told alone, and the innocent commit', async () => {
    const settled = await Promise.allSettled([
      ...culprits.map(([name], i) => pool.run(`hazard.${name}` as 'hazard.fail', [1000 + i])),
      ...innocents.map(([name], i) => pool.run(`hazard.${name}` as 'hazard.fail', [2000 + i])),
    ]);
    const types = settled.map((each) => (each.status === 'fulfilled' ? 'fulfilled' : each.reason.constructor.name));
    expect(types).to.deep.equal([...culprits.map(([, type]) => type), ...innocents.map(() => 'fulfilled')]);
    expect(await pool.run('ids')).to.deep.equal([1, ...innocents.map((_, i) => 2000 + i)]);
  });

  for (const name of ['orRollback', 'raise', 'orphan'] as const) {
    it(`the neighbours of ${name}, which loses them their transaction, are run again and commit once`, async () => {
      const counts: number[] = [];
      // A group that takes some milliseconds more than it should commits before the hazard: then it is tried again.
      for (let i = 0; i < 10 && counts.at(-1) !== 2; i++) {
        await pool.run('remove', [10]);
        const count = Gate.opened();
        await Promise.allSettled([pool.run('addCounted', [10, count.buffer]), pool.run(`hazard.${name}`, [99])]);
        counts.push(count.count);
        expect(await pool.run('ids')).to.deep.equal([1, 10]);
      }
      expect(counts.at(-1)).to.equal(2);
    });
  }

  it('a unit finds the connection as the setup module left it, whatever another made of it', async () => {
    const before = await pool.run('hazard.look');
    await pool.run('hazard.disarrange', [], { transaction: false });
    const after = await pool.run('hazard.look');
    expect(before).to.deep.include({ keys: 1, tables: [], one: 1 });
    expect({ ...after, databases: after.databases.filter((name) => name !== 'temp') }).to.deep.equal({
      ...before,
      databases: ['main'],
    });
  });

  it('what the setup module made is there after a unit left an iterator open', async () => {
    await runAmongOthers('iterateRaw', 1);
    expect(await pool.run('lane')).to.equal('writer');
  });

  for (const name of ['iterateRawReading', 'iterateReading'] as const) {
    it(`${name}: an iterator that a read left open stands in nobody's way`, async () => {
      await pool.run('add', [2]);
      const reads = [pool.run('ids'), pool.run(`hazard.${name}`), pool.run(`hazard.${name}`), pool.run('ids')];
      const settled = await Promise.allSettled(reads);
      expect([settled[0], settled[3]].map((each) => each?.status)).to.deep.equal(['fulfilled', 'fulfilled']);
      if (name === 'iterateReading') expect(settled[1]).to.deep.equal({ status: 'fulfilled', value: 1 });
      if (name === 'iterateReading') expect(settled[2]).to.deep.equal({ status: 'fulfilled', value: 1 });
      await pool.run('add', [3]);
      // On its snapshot of long ago it would not see the 3.
      expect(await pool.run('ids')).to.deep.equal([1, 2, 3]);
      expect(pool.stats().lanesLost).to.equal(0);
    });
  }
});

describe('lanes: a unit that commits on the raw connection and never comes back', () => {
  let stage: Stage;
  let pool: Notes;

  before(async () => {
    stage = new Stage();
    pool = await stage.open(WITH_ENTITIES);
  });
  after(() => stage.remove());

  for (const [name, type] of [
    ['commitRawAndExit', 'LaneLostError'],
    ['commitRawAndLoop', 'TimeoutError'],
  ] as const) {
    it(`${name}: what became of it is unknown, since it is there`, async () => {
      const error = await pool.run(`hazard.${name}`, [99], { timeout: 300 }).catch((thrown) => thrown);
      expect([error.name, error.outcome]).to.deep.equal([type, 'unknown']);
      expect(await pool.run('ids')).to.deep.equal([99]);
      await pool.run('clear');
    });
  }
});
