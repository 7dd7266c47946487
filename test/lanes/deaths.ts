// Units that end their thread, or never end themselves.
import type Sqlite from 'better-sqlite3';
import { read, type Session, sql, write } from 'offthread/orm';
import { Gate } from './gate.js';

const add = (session: Session, id: number) => session.run(sql`insert into note (id) values (${id})`);

export const loop = write((session: Session, id: number): number => {
  add(session, id);
  for (;;);
});
/** It costs little where it lasts. */
export const loopDrowsily = write((session: Session, id: number): number => {
  add(session, id);
  const nap = new Int32Array(new SharedArrayBuffer(4));
  for (;;) Atomics.wait(nap, 0, 0, 1);
});
export const loopReading = read((_session: Session): number => {
  for (;;);
});
export const loopRaw = write((session: Session, id: number): number => {
  add(session, id);
  void session.connection;
  for (;;);
});
/** Nearly always inside of the driver, but never for long. */
export const loopOverRaw = write((session: Session, id: number): number => {
  const connection = session.connection as Sqlite.Database;
  connection.prepare('insert into note (id) values (?)').run(id);
  const statement = connection.prepare('select count(*) from note a, note b');
  for (;;) statement.get();
});

export const exit = write((session: Session, id: number): number => {
  add(session, id);
  process.exit(3);
});
export const exitRaw = write((session: Session, id: number): number => {
  void session.connection;
  add(session, id);
  process.exit(5);
});
export const exitReading = read((_session: Session): number => process.exit(4));

export const exitReadingAt = read((_session: Session, gate: SharedArrayBuffer): number => {
  new Gate(gate).pass();
  process.exit(4);
});

export const exhaust = write((session: Session, id: number): number => {
  add(session, id);
  const kept: unknown[] = [];
  for (;;) kept.push(new Array(100).fill(id));
});

/** What it prints makes the event loop of its thread turn when it has ended. */
export const addPrinting = write((session: Session, id: number) => {
  add(session, id);
  process.stdout.write('\n');
  return id;
});
export const strayTimer = write((session: Session, id: number) => {
  add(session, id);
  setTimeout(() => {
    throw new Error('A timer that outlived its unit');
  });
  return id;
});

/** Nothing that can be told in words: it has no toString, and a function inside. */
export const throwOddly = write((session: Session, id: number): number => {
  add(session, id);
  throw Object.assign(Object.create(null), { inside() {} });
});
export const throwTrap = write((session: Session, id: number): number => {
  add(session, id);
  throw Object.defineProperty(new Error('x'), 'message', {
    get() {
      throw new Error('A trap');
    },
  });
});

export const closeRaw = write((session: Session, id: number) => {
  add(session, id);
  (session.connection as Sqlite.Database).close();
});
export const closeRawReading = read((session: Session) => {
  (session.connection as Sqlite.Database).close();
});
