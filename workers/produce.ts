import { NotStreamableError, show } from '../lib/errors.js';
import { refusePromise } from '../lib/orm/sync.js';
import { type QueryPlan, subjectOf, type UnitPlan } from '../lib/plan/plan.js';
import { type Portable, toPortable } from '../lib/wire/portable.js';
import { Chunks, type SentStream } from './chunks.js';
import { findUnit } from './execute.js';
import { Cancelled, type Lane } from './lane.js';

/** Reads what a stream is of, in the transaction that is open, and sends it as it is taken. What has come before an error goes before it. */
export function produce(lane: Lane, stream: SentStream, beforeRaw: () => void): void {
  const { source } = stream.plan;
  if (source.kind === 'query') streamRows(lane, stream, source);
  else streamYields(lane, stream, source, beforeRaw);
}

function streamRows(lane: Lane, stream: SentStream, { sql, parameters }: QueryPlan): void {
  const statement = lane.connection.prepare(sql);
  if (!statement.isReadonly) throw notStreamable(stream, 'it writes, and a stream only reads', 'Give it to run().');
  const chunks = new Chunks<readonly unknown[]>(lane, stream, (rows) =>
    lane.answers.addChunk(stream.slot, { columns: statement.columns, rows }),
  );
  sending(chunks, () => {
    for (const row of statement.iterate(parameters)) chunks.add(row, bytesOfRow(row));
  });
}

function streamYields(lane: Lane, stream: SentStream, { name, args }: UnitPlan, beforeRaw: () => void): void {
  const { focus } = lane;
  const { slot } = stream;
  const chunks = new Chunks<Portable>(lane, stream, (values) => lane.answers.addYields(slot, values));
  sending(chunks, () =>
    findUnit(lane, name).inSession(lane.connection, { access: 'read', beforeRaw }, focus.log, (session, work) => {
      const result = work(session, ...args);
      refusePromise(result, `The unit '${name}'`);
      if (!isIterator(result))
        throw notStreamable(
          stream,
          `it returned ${show(result)}, and no iterator`,
          'Make it a generator, function* (session) { … }, or call it with run().',
        );
      let isDone: boolean | undefined = false;
      try {
        for (;;) {
          focus.check();
          const next = result.next();
          isDone = next.done;
          if (isDone) break;
          const value = toPortable(next.value, `What '${name}' yields`, 'detach');
          chunks.add(value, bytesOfValue(value));
        }
        session.finish();
      } finally {
        if (!isDone) finish(lane, slot, result);
      }
    }),
  );
}

/** Runs what is behind its `yield`: the blocks that it has for the end, which may ask the database once more. */
function finish({ focus }: Lane, slot: number, generator: Iterator<unknown>): void {
  focus.relax();
  try {
    generator.return?.();
  } catch {
    // Why it was ended is the error to tell.
  } finally {
    focus.on(slot);
  }
}

/** What has come before an error goes before it. */
function sending(chunks: { flush(): void }, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Cancelled)) chunks.flush();
    throw error;
  }
  chunks.flush();
}

const isIterator = (value: unknown): value is Iterator<unknown> =>
  typeof value === 'object' &&
  value !== null &&
  Symbol.iterator in value &&
  'next' in value &&
  typeof value.next === 'function';

const notStreamable = ({ plan }: SentStream, reason: string, wayOut: string): Error =>
  new NotStreamableError({ what: subjectOf(plan.source), reason, wayOut });

const BYTES_PER_CELL = 8;
function bytesOfRow(row: readonly unknown[]): number {
  let bytes = 0;
  for (const cell of row) {
    bytes += BYTES_PER_CELL;
    if (typeof cell === 'string') bytes += cell.length;
    else if (cell instanceof Uint8Array) bytes += cell.byteLength;
  }
  return bytes;
}

/** About as many as characters make up for a cell; see the wire's weights. */
const BYTES_PER_WEIGHT = 128;
function bytesOfValue({ value, weight, mended }: Portable): number {
  let bytes = weight * BYTES_PER_WEIGHT;
  if (ArrayBuffer.isView(value)) bytes += value.byteLength;
  else for (const part of mended ?? []) if (part instanceof Uint8Array) bytes += part.byteLength;
  return bytes;
}
