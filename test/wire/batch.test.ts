import { expect } from 'chai';
import type { AnyPlan, QueryPlan, StreamPlan } from '../../lib/plan/plan.js';
import { BatchReader, BatchWriter } from '../../lib/wire/batch.js';

const query = (sql: string, ...parameters: unknown[]): QueryPlan => ({
  kind: 'query',
  sql,
  parameters,
  access: 'unknown',
});
const unit = (name: string, ...args: unknown[]) =>
  ({ kind: 'unit', name, args, mended: undefined, access: 'unknown' }) as const;

describe('wire: plans cross in batches', () => {
  let writer: BatchWriter;
  let reader: BatchReader;

  beforeEach(() => {
    writer = new BatchWriter();
    reader = new BatchReader();
  });

  /** The message for these plans, each with its index as slot and 3 retries, and what is read from it. */
  function send(...plans: AnyPlan[]) {
    plans.forEach((plan, slot) => writer.add(slot, 3, plan));
    const message = structuredClone(writer.take());
    return { message, read: reader.read(message).map(({ plan }) => plan) };
  }

  it('every kind of plan arrives as it was sent, in its order', () => {
    const list = { kind: 'list', plans: [unit('add', 1), query('select ?', 2)], access: 'unknown' } as const;
    const streams: StreamPlan[] = [query('select ?', 4), unit('names', 5)].map((source) => ({
      kind: 'stream',
      source,
      idleTimeout: Number.POSITIVE_INFINITY,
      access: 'read',
    }));
    const plans = [
      query('select ?', 1),
      unit('add', [2], 'a'),
      query('select ?', 3n),
      list,
      ...streams,
      query('select 1'),
    ];
    plans.forEach((plan, slot) => writer.add(slot, slot, plan));
    const read = reader.read(structuredClone(writer.take()));
    expect(read).to.deep.equal(
      plans.map((plan, slot) => ({ slot, retries: slot, isolation: undefined, wish: undefined, plan })),
    );
  });

  it('each with the isolation that it was sent with, and queries of one text apart where that is another', () => {
    const levels = [undefined, 'serializable', 'serializable', 'read committed', undefined] as const;
    for (const [slot, level] of levels.entries()) writer.add(slot, 3, query('select 1'), level);
    expect(reader.read(structuredClone(writer.take())).map(({ isolation }) => isolation)).to.deep.equal(levels);
    writer.add(0, 3, query('select 1'), 'serializable');
    writer.take();
    writer.add(0, 3, query('select 1'));
    expect(reader.read(structuredClone(writer.take()))[0]).to.include({ isolation: undefined });
  });

  it('each with what is to be written down of it, and queries of one text together where that is the same', () => {
    const counts = { queries: false, trace: undefined };
    const traced = { queries: true, trace: { traceparent: '00-1' } };
    const wishes = [undefined, counts, counts, traced, undefined];
    for (const [slot, wish] of wishes.entries()) writer.add(slot, 3, query('select 1'), undefined, wish);
    const message = structuredClone(writer.take());
    expect(message.plans).to.deep.equal([
      ...[1, 3, 0, 0, 1, []],
      ...[8, counts, 1, 3, 0, 1, 2, []],
      ...[8, traced, 1, 3, 0, 3, 1, []],
      ...[8, undefined, 1, 3, 0, 4, 1, []],
    ]);
    expect(reader.read(message).map(({ wish }) => wish)).to.deep.equal(wishes);
    writer.add(0, 3, query('select 1'), undefined, counts);
    writer.take();
    writer.add(0, 3, query('select 1'));
    expect(reader.read(structuredClone(writer.take()))[0]).to.include({ wish: undefined });
  });

  it('queries of one text go together, their parameters by column', () => {
    const { message, read } = send(query('select ?, ?', 1, 'a'), query('select ?, ?', 2, 'b'));
    expect(message.plans).to.deep.equal([
      ...[1, 3, 0, 0, 2],
      [
        [1, 2],
        ['a', 'b'],
      ],
    ]);
    expect(read).to.deep.equal([query('select ?, ?', 1, 'a'), query('select ?, ?', 2, 'b')]);
  });

  it('queries of one text whose slots are not one after another go apart', () => {
    for (const slot of [0, 1, 3]) writer.add(slot, 3, query('select 1'));
    const message = structuredClone(writer.take());
    expect(message.plans).to.deep.equal([...[1, 3, 0, 0, 2, []], ...[1, 3, 0, 3, 1, []]]);
    expect(reader.read(message).map(({ slot }) => slot)).to.deep.equal([0, 1, 3]);
  });

  it('a text crosses once, and then by number', () => {
    expect(send(query('select 1'), query('select 2'), query('select 1')).message.texts).to.deep.equal([
      'select 1',
      'select 2',
    ]);
    const { message, read } = send(query('select 2'));
    expect(message.texts).to.deep.equal([]);
    expect(read).to.deep.equal([query('select 2')]);
  });

  it('after a thousand texts the lane forgets them, and hears them anew', () => {
    const many = Array.from({ length: 1_500 }, (_, i) => query(`select ${i}`));
    expect(send(...many).read).to.deep.equal(many);
    const { message, read } = send(query('select 7'));
    expect(message).to.include({ firstText: 0 });
    expect(message.texts).to.deep.equal(['select 7']);
    expect(read).to.deep.equal([query('select 7')]);
  });
});
