import { read, type Session, sql } from 'offthread/orm';
import { Gate } from './gate.js';

/** Generators, for `pool.stream`. */
export const upTo = read(function* (_session: Session, last: number) {
  for (let i = 1; i <= last; i++) yield i;
});
/** The same object again and again. */
export const changing = read(function* () {
  const one = { i: 0, bytes: Buffer.from([0]) };
  for (; one.i < 3; one.i++) {
    one.bytes[0] = one.i;
    yield one;
  }
});
export const failing = read(function* (_session: Session, rows: number) {
  for (let i = 1; i <= rows; i++) yield i;
  throw new RangeError('in the middle');
});
export const exiting = read(function* (_session: Session, rows: number) {
  for (let i = 1; i <= rows; i++) yield i;
  process.exit(5);
});
/** Not marked: what is streamed is a read all the same. */
export const writing = function* (session: Session) {
  yield 1;
  session.run(sql`insert into note (id) values (1)`);
  yield 2;
};
export const functions = read(function* () {
  yield 1;
  yield () => 2;
});
/** Passes the first gate once it is asked for more than can be on its way, and the second at its end, behind one more query. */
export const ending = read(function* (session: Session, begun: SharedArrayBuffer, ended: SharedArrayBuffer) {
  try {
    for (let i = 0; ; i++) {
      if (i === 1) new Gate(begun).pass();
      yield i;
    }
  } finally {
    const [row] = session.run(sql<{ one: number }>`select 1 as one`);
    if (row?.one === 1) new Gate(ended).pass();
  }
});
/** Works without an end between two rows. */
export const working = read(function* (session: Session, gate: SharedArrayBuffer) {
  yield 1;
  new Gate(gate).pass();
  for (;;) session.run(sql`select 1`);
});
export const looping = read(function* (_session: Session, gate: SharedArrayBuffer) {
  yield 1;
  new Gate(gate).pass();
  for (;;);
});
/** Waits for the gate before each row. */
export const stepping = read(function* (_session: Session, gate: SharedArrayBuffer) {
  for (let i = 1; ; i++) {
    new Gate(gate).pass();
    yield i;
  }
});
/** Counts how often it runs. */
export const counted = read(function* (_session: Session, count: SharedArrayBuffer) {
  new Gate(count).pass();
  yield 1;
});
export const array = read(() => [1, 2]);
