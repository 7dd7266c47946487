import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { AnswerReader } from '../../lib/wire/answer-reader.js';
import { AnswerWriter } from '../../lib/wire/answer-writer.js';
import { Cell, MOST_UNTAKEN, State } from '../../lib/wire/cell.js';
import { toFault } from '../../lib/wire/fault.js';
import { toPortable } from '../../lib/wire/portable.js';

describe('wire: the parts of a stream', () => {
  let told: unknown[];
  let writer: AnswerWriter;
  let reader: AnswerReader;

  beforeEach(() => {
    told = [];
    writer = new AnswerWriter(() => {});
    reader = new AnswerReader(
      new Map(),
      (slot, outcome, value) => told.push([slot, outcome, value]),
      (slot, chunk) => told.push([slot, chunk]),
    );
  });
  const send = () => {
    const { message, transfers } = writer.take([]);
    reader.read(structuredClone(message, { transfer: transfers }));
  };

  it('of rows are told as they come, between and before the answers of others', () => {
    const columns = ['id', 'bytes'];
    writer.add(1, { kind: 'rows', rows: { columns: ['a'], rows: [[1]] } });
    writer.addChunk(3, { columns, rows: [[1, Buffer.from('a')]] });
    send();
    writer.addChunk(3, {
      columns,
      rows: [
        [2, null],
        [2n ** 60n, Buffer.alloc(0)],
      ],
    });
    writer.add(3, { kind: 'value', value: toPortable(undefined, '', 'detach') });
    send();
    expect(told).to.deep.equal([
      [1, 'fulfilled', [{ a: 1 }]],
      [3, [{ id: 1, bytes: Buffer.from('a') }]],
      [
        3,
        [
          { id: 2, bytes: null },
          { id: 2n ** 60n, bytes: Buffer.alloc(0) },
        ],
      ],
      [3, 'fulfilled', undefined],
    ]);
  });

  it('of values are told as they come, each mended, and an error behind them', () => {
    const values = [1, { bytes: Buffer.from('b') }, undefined, new Map([[1, Buffer.from('c')]])];
    writer.addYields(
      0,
      values.map((value) => toPortable(value, '', 'detach')),
    );
    writer.add(0, { kind: 'fault', fault: toFault(new RangeError('behind')) });
    send();
    expect(told[0]).to.deep.equal([0, values]);
    expect((told[0] as [0, [1, { bytes: Buffer }]])[1][1].bytes).to.be.instanceOf(Buffer);
    expect(told[1]).to.have.nested.property('[2]').instanceOf(RangeError);
  });
});

describe('wire: the chunks of a stream', () => {
  const SLOT = 7;
  const start = (cell: Cell, milliseconds: number) => {
    const workerData = { buffer: cell.buffer, slot: SLOT, milliseconds };
    const worker = new Worker(new URL('./untaken.js', import.meta.url), { workerData });
    const sent: unknown[] = [];
    worker.on('message', (told) => sent.push(told));
    const upTo = async (length: number) => {
      while (sent.length < length) await once(worker, 'message');
    };
    return { sent, upTo, exited: once(worker, 'exit') };
  };

  it('are sent only while few of them are left to take, each that is taken lets one more go', async () => {
    const cell = new Cell();
    const { sent, upTo, exited } = start(cell, Number.POSITIVE_INFINITY);
    await upTo(MOST_UNTAKEN);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(sent).to.deep.equal([1, 2, 3, 4]);
    for (const i of [5, 6]) {
      cell.take(SLOT);
      await upTo(i);
      expect(sent).to.have.length(i);
    }
    for (let i = 0; i < MOST_UNTAKEN; i++) cell.take(SLOT);
    await exited;
    expect(sent.slice(6)).to.deep.equal([7, 8, 'all']);
  });

  it('are not waited for any longer than was said', async () => {
    const { sent, exited } = start(new Cell(), 50);
    await exited;
    expect(sent).to.deep.equal([1, 2, 3, 4, 'late']);
  });

  it('are not waited for where somebody rings who wants no more of them', async () => {
    const cell = new Cell();
    const { sent, upTo, exited } = start(cell, Number.POSITIVE_INFINITY);
    await upTo(MOST_UNTAKEN);
    cell.expectNotice();
    cell.move(SLOT, State.waiting, State.cancelled);
    cell.take(SLOT);
    await exited;
    expect(sent).to.deep.equal([1, 2, 3, 4, 'no more']);
  });
});
