import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { Answer, Outcome } from '../../lib/wire/answer.js';
import { AnswerReader } from '../../lib/wire/answer-reader.js';
import { AnswerWriter } from '../../lib/wire/answer-writer.js';
import type { AnswersMessage } from '../../lib/wire/message.js';
import { toPortable } from '../../lib/wire/portable.js';

/** What arrives of answers, by slot, and in how many messages. Each message is cloned, as between two threads. */
function sent(...answers: (Answer | undefined)[]) {
  const told = new Map<number, [Outcome, unknown]>();
  const messages: AnswersMessage[] = [];
  const reader = new AnswerReader(new Map(), (slot, outcome, value) => {
    expect(told.has(slot)).to.equal(false);
    told.set(slot, [outcome, value]);
  });
  const writer: AnswerWriter = new AnswerWriter(() => send());
  function send() {
    const { message, transfers } = writer.take([]);
    const received = structuredClone(message, { transfer: transfers });
    messages.push(received);
    reader.read(received);
  }
  answers.forEach((answer, slot) => answer && writer.add(slot, answer));
  if (!writer.isEmpty) send();
  return { told, messages, arrived: (slot: number) => told.get(slot)?.[1] };
}

const rows = (columns: string[], cells: unknown[][]): Answer => ({ kind: 'rows', rows: { columns, rows: cells } });
const value = (result: unknown): Answer => ({ kind: 'value', value: toPortable(result, 'The result', 'detach') });
const objects = (columns: string[], cells: unknown[][]) =>
  cells.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]])));

describe('wire: a large result crosses in slices, each read in a turn of its own', () => {
  const columns = ['id', 'half', 'name', 'blob', 'none'];
  const cells = Array.from({ length: 20_000 }, (_, i) => [i, i / 2, `name ${i}`, Buffer.from([i % 256]), null]);

  it('of rows: several full messages, the rows in their order and exact', () => {
    const { messages, arrived } = sent(
      rows(
        columns,
        cells.map((row) => [...row]),
      ),
    );
    expect(messages.map(({ turns }) => turns)).to.deep.equal([...new Array(6).fill(1), 0]);
    expect(arrived(0)).to.deep.equal(objects(columns, cells));
    expect((arrived(0) as { blob: unknown }[])[7]?.blob).to.be.instanceOf(Buffer);
  });

  it('of a value with a long array, wherever in it that is', () => {
    const result = { title: 'all', pages: { items: cells.map(([id, , name]) => ({ id, name, tags: ['a', 'b'] })) } };
    const { messages, arrived } = sent(value(result));
    expect(messages.filter(({ turns }) => turns > 0)).to.have.length.above(5);
    expect(arrived(0)).to.deep.equal(result);
  });

  it('of a value whose objects stand in several places: in one message, and each is still one', () => {
    const shared = { name: 'shared' };
    const { messages, arrived } = sent(value(Array.from({ length: 20_000 }, () => ({ shared }))));
    expect(messages).to.have.length(1);
    const [first, second] = arrived(0) as { shared: object }[];
    expect(first?.shared).to.equal(second?.shared);
  });

  it('of long texts: by their length, not by their number', () => {
    const texts = Array.from({ length: 40 }, (_, i) => [`${i}`.repeat(200_000)]);
    const { messages, arrived } = sent(rows(['text'], texts));
    expect(messages).to.have.length.above(3);
    expect(arrived(0)).to.deep.equal(objects(['text'], texts));
  });

  it('of a text that nothing can divide: its message counts for the turns that it takes', () => {
    const { messages } = sent(rows(['text'], [['long'.repeat(2_500_000)], ['short']]));
    expect(messages.map(({ turns }) => turns)).to.deep.equal([19, 0]);
  });

  it('of many values: by their size, not by their number', () => {
    const answers = Array.from({ length: 20 }, (_, i) => value(Array.from({ length: 200 }, (_, k) => [i, k, 'text'])));
    const { messages, told } = sent(...answers, ...answers, ...answers);
    expect(messages).to.have.length.above(2);
    expect(told.size).to.equal(60);
  });

  it('beside others: each has its own rows, in the order of the answers', () => {
    const few = [[1, 2]];
    const { told } = sent(rows(['a', 'b'], few), rows(columns, cells), rows(['a', 'b'], few), value('done'));
    expect([...told.keys()]).to.deep.equal([0, 1, 2, 3]);
    expect(told.get(0)?.[1]).to.deep.equal([{ a: 1, b: 2 }]);
    expect(told.get(1)?.[1]).to.have.length(20_000);
    expect(told.get(2)?.[1]).to.deep.equal([{ a: 1, b: 2 }]);
    expect(told.get(3)).to.deep.equal(['fulfilled', 'done']);
  });
});

describe('wire: rows cross by column', () => {
  it('those of one statement for slots that are not one after another in several tables', () => {
    const one = rows(['id'], [[1]]);
    const { messages, told } = sent(one, one, undefined, one);
    expect(messages[0]?.answers).to.deep.equal([...[1, 0, 0, 2, false, [1, 1]], ...[1, 0, 3, 1, false, [1]]]);
    expect([...told.keys()]).to.deep.equal([0, 1, 3]);
  });

  it('those of one statement in one table, with its names only once', () => {
    const columns = ['id', 'name'];
    const { messages, told } = sent(
      rows(columns, [[1, 'a']]),
      rows(columns, []),
      rows(columns, [
        [2, 'b'],
        [3, 'c'],
      ]),
    );
    expect(messages).to.have.length(1);
    expect(messages[0]?.shapes).to.deep.equal([[0, columns]]);
    expect(messages[0]?.answers).to.deep.equal([1, 0, 0, [1, 0, 2], false, [1, 2, 3], ['a', 'b', 'c']]);
    expect([...told.values()].map(([, value]) => value)).to.deep.equal([
      [{ id: 1, name: 'a' }],
      [],
      [
        { id: 2, name: 'b' },
        { id: 3, name: 'c' },
      ],
    ]);
  });

  const long = (cell: (i: number) => unknown) => Array.from({ length: 2_000 }, (_, i) => [cell(i)]);
  for (const [what, cell, kind] of [
    ['integers', (i: number) => i - 1_000, Int32Array],
    ['integers, one of which is -0', (i: number) => (i === 5 ? -0 : i), Float64Array],
    ['integers beyond 32 bits', (i: number) => i * 2 ** 40, Float64Array],
    ['numbers, NaN and infinite ones', (i: number) => [0.5, Number.NaN, Number.NEGATIVE_INFINITY][i % 3], Float64Array],
    ['numbers and null', (i: number) => (i % 2 === 0 ? i : null), Array],
    ['numbers and a bigint', (i: number) => (i === 9 ? 2n ** 60n : i), Array],
  ] as const) {
    it(`a long column of ${what} as ${kind.name}, and exact`, () => {
      const cells = long(cell);
      const { messages, arrived } = sent(rows(['n'], cells));
      expect(messages[0]?.answers[5]).to.be.instanceOf(kind);
      const read = (arrived(0) as { n: unknown }[]).map(({ n }) => n);
      expect(read.every((n, i) => Object.is(n, cells[i]?.[0]))).to.equal(true);
    });
  }

  it('large numeric columns and blobs are transferred, not copied', () => {
    const blob = Buffer.from(new ArrayBuffer(10_000)).fill(7);
    const writer = new AnswerWriter(() => {});
    writer.add(0, rows(['n', 'blob'], [...long((i) => i).map(([n]) => [n, null]), [1, blob]]));
    const { message, transfers } = writer.take([]);
    expect(transfers.map(({ byteLength }) => byteLength)).to.deep.equal([4 * 2_001, 10_000]);
    structuredClone(message, { transfer: transfers });
    expect(blob).to.have.length(0);
  });

  it('names that an object literal would take otherwise are columns like others', () => {
    const names = ['__proto__', 'constructor', 'a b', '"quoted"', 'line\nbreak', '\u2028', '`', 'async'];
    const cells = [names.map((_, i) => i)];
    const [row] = sent(rows(names, cells)).arrived(0) as object[];
    expect(Object.keys(row as object)).to.deep.equal(names);
    expect(Object.values(row as object)).to.deep.equal(cells[0]);
    expect(Object.getPrototypeOf(row)).to.equal(Object.prototype);
  });

  it('where Node was told to make no code of strings, too', () => {
    const program = fileURLToPath(new URL('./no-code-of-strings.js', import.meta.url));
    const printed = execFileSync(process.execPath, ['--disallow-code-generation-from-strings', program]);
    expect(`${printed}`.trim()).to.equal('[{"id":1,"name":"a","__proto__":null},{"id":2,"name":"b","__proto__":"c"}]');
  });

  it('where the prototype of all objects is frozen, too', () => {
    const program = fileURLToPath(new URL('./frozen-prototype.js', import.meta.url));
    expect(`${execFileSync(process.execPath, [program])}`.trim()).to.equal(
      '[{"id":1,"toString":"a","constructor":null}]',
    );
  });
});
