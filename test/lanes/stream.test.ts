import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { type Pool, sql } from 'offthread';
import { type AnyStage, onEach } from './dialects.js';
import { Gate } from './gate.js';
import { rejection } from './rejection.js';
import { type Notes, WITH_ENTITIES } from './stage.js';

/** More than may be on their way. */
const MANY = 10_000;
const MOST_ON_THEIR_WAY = 2_000;

onEach('lanes: a stream', (newStage) => {
  let stage: AnyStage;
  let pool: Notes;

  before(async () => {
    stage = await newStage();
    pool = await stage.open({ ...WITH_ENTITIES, threads: 2 });
    await pool.run('clear');
    await pool.run(sql`insert into note (id, body) values (1, 'one'), (2, null), (3, ${'ö'.repeat(300)})`);
    for (let i = 0; i < 12; i++) await pool.run(sql`insert into note (id) select id + ${3 * 2 ** i} from note`);
  });
  afterEach(() => expect(pool.stats()).to.include({ waiting: 0, running: 0, lanesLost: 0, lanesRetired: 0 }));
  after(() => stage.remove());

  const notes = sql<{ id: number; body: string | null }>`select id, body from note order by id`;
  const all = async <T>(rows: AsyncIterable<T>) => {
    const found: T[] = [];
    for await (const row of rows) found.push(row);
    return found;
  };
  const ids = async (rows: AsyncIterable<{ id: number }>) => {
    return (await all(rows)).map(({ id }) => id);
  };
  const upTo = (last: number) => Array.from({ length: last }, (_, i) => i + 1);

  it('of a query yields the rows that run() answers, one after the other', async () => {
    const rows = await all(pool.stream(notes));
    expect(rows).to.have.length(3 * 2 ** 12);
    expect(rows).to.deep.equal(await pool.run(notes));
    expect(rows[0]).to.deep.equal({ id: 1, body: 'one' });
  });

  it('of no rows, of one, and of as many as first chunks have, is whole', async () => {
    for (const many of [0, 1, 2, 16, 17, 18, 272, 273, 274])
      expect(await ids(pool.stream(sql<{ id: number }>`select id from note order by id limit ${many}`))).to.deep.equal(
        upTo(many),
      );
  });

  it('with chunks: true yields arrays, a small one first', async () => {
    const sizes: number[] = [];
    const rows: unknown[] = [];
    for await (const chunk of pool.stream(notes, { chunks: true })) {
      sizes.push(chunk.length);
      rows.push(...chunk);
    }
    expect(rows).to.deep.equal(await pool.run(notes));
    expect(sizes[0]).to.equal(1);
    expect(Math.max(...sizes)).to.equal(256);
  });

  it('of a generator yields what that yields, by name and as a call', async () => {
    expect(await all(pool.stream('streams.upTo', [MANY]))).to.deep.equal(upTo(MANY));
    expect(await all(pool.units.streams.upTo(3))).to.deep.equal([1, 2, 3]);
  });

  it('of entities yields plain objects', async () => {
    const [first, second] = await all(pool.stream('streams.notes'));
    expect([first, second]).to.deep.equal([
      { id: 1, body: 'one' },
      { id: 2, body: null },
    ]);
    expect(Object.getPrototypeOf(first)).to.equal(Object.prototype);
    expect(await ids(pool.stream('streams.spread'))).to.deep.equal(upTo(3 * 2 ** 12));
  });

  it('yields each value as it was when it was yielded', async () => {
    expect(await all(pool.stream('streams.changing'))).to.deep.equal(
      [0, 1, 2].map((i) => ({ i, bytes: Buffer.from([i]) })),
    );
  });

  it('begins nothing before it is asked for a row', async () => {
    const count = Gate.opened();
    const { batches } = pool.stats();
    const stream = pool.stream('streams.counted', [count.buffer]);
    await pool.run('one');
    expect([count.count, pool.stats().batches]).to.deep.equal([0, batches + 1]);
    expect(await stream.next()).to.deep.equal({ value: 1, done: false });
    expect(await stream.next()).to.deep.equal({ value: undefined, done: true });
    expect(await stream.next()).to.deep.equal({ value: undefined, done: true });
    expect(count.count).to.equal(1);
  });

  it('that is ended before it has begun never begins', async () => {
    const count = Gate.opened();
    const stream = pool.stream('streams.counted', [count.buffer]);
    expect(await stream.return()).to.deep.equal({ value: undefined, done: true });
    expect(await stream.next()).to.deep.equal({ value: undefined, done: true });
    expect(count.count).to.equal(0);
  });

  it('answers those who ask at once in their order', async () => {
    const stream = pool.stream('streams.upTo', [2]);
    const asked = [stream.next(), stream.next(), stream.next(), stream.next()];
    expect((await Promise.all(asked)).map(({ value }) => value)).to.deep.equal([1, 2, undefined, undefined]);
  });

  it('reads on only as it is taken', async () => {
    const gate = Gate.opened();
    const stream = pool.stream('streams.stepping', [gate.buffer]);
    expect((await stream.next()).value).to.equal(1);
    // What it is ahead is a few chunks, however long it has.
    let made = 0;
    do {
      made = gate.count;
      await new Promise((resolve) => setTimeout(resolve, 200));
    } while (gate.count > made);
    expect(made).to.be.within(256, MOST_ON_THEIR_WAY);
    for (let i = 2; i <= 2 * MOST_ON_THEIR_WAY; i++) expect((await stream.next()).value).to.equal(i);
    expect(gate.count).to.be.within(2 * MOST_ON_THEIR_WAY, 3 * MOST_ON_THEIR_WAY);
    await stream.return();
  });

  for (const [how, end] of [
    ['break', (stream: AsyncIterator<unknown>) => stream.return?.()],
    [
      'an error of its consumer',
      async (stream: AsyncIterable<unknown>) => {
        const mine = new Error('mine');
        const told = await rejection(
          (async () => {
            for await (const _ of stream) throw mine;
          })(),
        );
        expect(told).to.equal(mine);
      },
    ],
    [
      'throw()',
      async (stream: AsyncIterator<unknown>) => {
        const mine = new Error('mine');
        expect(await rejection((stream as Required<typeof stream>).throw(mine))).to.equal(mine);
      },
    ],
    ['await using', (stream: AsyncDisposable) => stream[Symbol.asyncDispose]()],
  ] as const) {
    it(`that is ended by ${how} runs the generator's last blocks, and its lane is free`, async () => {
      const [begun, ended] = [Gate.opened(), Gate.opened()];
      const stream = pool.stream('streams.ending', [begun.buffer, ended.buffer]);
      expect((await stream.next()).value).to.equal(0);
      await begun.reached();
      await end(stream as never);
      expect([ended.count, pool.stats().running]).to.deep.equal([1, 0]);
      expect(pool.stats().lanes.map(({ state }) => state)).to.deep.equal(['idle', 'idle']);
      expect(await stream.next()).to.deep.equal({ value: undefined, done: true });
    });
  }

  it('that is ended in the middle of its work ends that', async () => {
    const gate = Gate.opened();
    const stream = pool.stream('streams.working', [gate.buffer]);
    await stream.next();
    await gate.reached();
    const pending = stream.next();
    await stream.return();
    expect(await pending).to.deep.equal({ value: undefined, done: true });
  });

  it('is a stream of Node by Readable.from, also where that is destroyed', async () => {
    expect(await Readable.from(pool.stream('streams.upTo', [1_000])).toArray()).to.deep.equal(upTo(1_000));
    const [begun, ended] = [Gate.opened(), Gate.opened()];
    const readable = Readable.from(pool.stream('streams.ending', [begun.buffer, ended.buffer]));
    for await (const i of readable) if (i === 5) break;
    await ended.reached();
    while (pool.stats().running > 0) await turn();
  });

  it('tells an error in the middle behind the rows before it, with the lines of both sides', async () => {
    const found: number[] = [];
    const taking = async () => {
      for await (const i of pool.stream('streams.failing', [500])) found.push(i);
    };
    const error = await rejection(taking());
    expect(error).to.be.instanceOf(RangeError).and.include({ message: 'in the middle' });
    expect(error.stack).to.match(/streams\.js[\s\S]*-- called from --[\s\S]*stream\.test\.js/);
    expect(found).to.deep.equal(upTo(500));
  });

  it('tells what cannot cross, and where it is', async () => {
    const stream = pool.stream('streams.functions');
    expect((await stream.next()).value).to.equal(1);
    const error = await rejection(stream.next());
    expect(error.message).to.include(
      "What 'streams.functions' yields cannot cross between threads: it is the function",
    );
    expect(await stream.next()).to.deep.equal({ value: undefined, done: true });
  });

  it('does not count its rows: maxRows is for what is held at once', async () => {
    const small = await stage.open({ threads: 1, maxRows: 10 });
    expect(await ids(small.stream(notes))).to.have.length(3 * 2 ** 12);
    expect(await rejection(small.run(notes))).to.have.property('code', 'OFFTHREAD_TOO_MANY_ROWS');
    await small.close();
  });

  it('of what writes is refused, and nothing is executed', async () => {
    const error = await rejection(pool.stream(sql`delete from note`).next());
    expect(error).to.include({ name: 'NotStreamableError', code: 'OFFTHREAD_NOT_STREAMABLE' });
    expect(error.message).to.equal(
      'The query delete from note cannot be streamed: it writes, and a stream only reads. Give it to run().',
    );
    const stream = pool.stream('streams.writing');
    expect((await stream.next()).value).to.equal(1);
    expect(await rejection(stream.next())).to.include({ name: 'ReadOnlyError', code: 'OFFTHREAD_READ_ONLY' });
    expect(await pool.run(sql`select count(*) as n from note`)).to.deep.equal([{ n: 3 * 2 ** 12 }]);
  });

  it('of a unit that is no generator is refused', async () => {
    const error = await rejection((pool as unknown as Pool).stream('streams.array').next());
    expect(error.message).to.equal(
      "The unit 'streams.array' cannot be streamed: it returned an array of 2, and no iterator. Make it a generator, function* (session) { … }, or call it with run().",
    );
  });

  it('of a query that the database refuses tells so', async () => {
    const error = await rejection(pool.stream(sql`select nothing from note`).next());
    expect(error).to.include({ name: 'DatabaseError', sql: 'select nothing from note' });
  });
});
