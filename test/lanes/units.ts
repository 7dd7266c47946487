import { threadId } from 'node:worker_threads';
import { read, type Session, sql, write } from 'offthread/orm';
import { Gate } from './gate.js';

export * as death from './deaths.js';
export * as hazard from './hazards.js';
export * as streams from './streams.js';

// None has an entity: a lane that needs none starts in half the time. Those with entities are in entity-units.ts.

export const ids = read((session: Session) =>
  session.run(sql<{ id: number }>`select id from note order by id`).map(({ id }) => id),
);
export const bodies = read((session: Session) =>
  session.run(sql<{ body: string }>`select body from note order by id`).map(({ body }) => body),
);
export const has = read(
  (session: Session, id: number) => session.run(sql`select 1 from note where id = ${id}`).length === 1,
);
export const one = read(() => 1);
export const readingThread = read(() => threadId);
export const writingThread = write(() => threadId);
export const unmarked = (_session: Session) => threadId;

export const clear = write((session: Session) => {
  session.run(sql`delete from note`);
});
export const remove = write((session: Session, id: number) => {
  session.run(sql`delete from note where id = ${id}`);
});
export const lane = write((session: Session) => session.run(sql<{ lane: string }>`select lane() as lane`)[0]?.lane);
export const add = write((session: Session, id: number) => {
  session.run(sql`insert into note (id) values (${id})`);
  return id;
});
/** Gets the next key: the keys tell in which order they ran. */
export const append = write((session: Session, body: string) => {
  session.run(sql`insert into note (body) values (${body})`);
});
export const addCounted = write((session: Session, id: number, count: SharedArrayBuffer) => {
  session.run(sql`insert into note (id) values (${id})`);
  new Gate(count).pass();
  return id;
});

export const print = write((session: Session, id: number) => {
  session.run(sql`insert into note (id) values (${id})`);
  console.log('from a unit');
});

/** Hold their lane until the gate opens. */
export const hold = write((_session: Session, gate: SharedArrayBuffer) => new Gate(gate).pass());
export const holdReading = read((_session: Session, gate: SharedArrayBuffer) => new Gate(gate).pass());

/** Write, then go on with statements until they are stopped. */
export const work = write((session: Session, id: number, gate: SharedArrayBuffer) => {
  session.run(sql`insert into note (id) values (${id})`);
  new Gate(gate).pass();
  goOn(session);
});
export const workReading = read((session: Session, gate: SharedArrayBuffer) => {
  new Gate(gate).pass();
  goOn(session);
});
/** The same, by one who catches whatever is thrown. */
export const workOnAndOn = write((session: Session, id: number, gate: SharedArrayBuffer) => {
  session.run(sql`insert into note (id) values (${id})`);
  new Gate(gate).pass();
  try {
    goOn(session);
  } catch {
    return 'caught';
  }
  return 'done';
});
function goOn(session: Session): void {
  const end = performance.now() + 10_000;
  while (performance.now() < end) session.run(sql`select 1`);
}

const nap = new Int32Array(new SharedArrayBuffer(4));
export const sleep = write((_session: Session, milliseconds: number) => {
  Atomics.wait(nap, 0, 0, milliseconds);
});
export const sleepAndAdd = write((session: Session, id: number, milliseconds: number) => {
  session.run(sql`insert into note (id) values (${id})`);
  Atomics.wait(nap, 0, 0, milliseconds);
});
export const addSlowly = write((session: Session, id: number) => {
  session.run(sql`insert into note (id) values (${id})`);
  Atomics.wait(nap, 0, 0, 40);
});

/** One statement that takes its time inside of SQLite. */
export const count = read((session: Session, rows: number) => session.run(counting(rows))[0]?.rows);
export const countWriting = write((session: Session, id: number, rows: number) => {
  session.run(sql`insert into note (id) values (${id})`);
  return session.run(counting(rows))[0]?.rows;
});
export const countRaw = write((session: Session, rows: number) => {
  const connection = session.connection as { prepare(text: string): { get(rows: number): { rows: number } } };
  return connection.prepare(`${COUNTING} limit ?) select count(*) as rows from c`).get(rows).rows;
});
const COUNTING = 'with recursive c(x) as (select 1 union all select x + 1 from c';
const counting = (rows: number) =>
  sql<{
    rows: number;
  }>`with recursive c(x) as (select 1 union all select x + 1 from c limit ${rows}) select count(*) as rows from c`;

/** Reads for so many milliseconds, in JavaScript. */
export const busy = read((_session: Session, milliseconds: number) => {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
});
