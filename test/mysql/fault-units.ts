// Units that a server's faults are tried with: they tell by their gates how far they have come.
import { read, type Session, sql, write } from 'offthread/orm';
import { Gate } from '../lanes/gate.js';

const insert = (session: Session, id: number, body = '') =>
  session.run(sql`insert into note (id, body) values (${id}, ${body})`);
const idsOf = (session: Session) =>
  session.run(sql<{ id: number }>`select id from note order by id`).map(({ id }) => id);

export const add = write((session: Session, id: number) => {
  insert(session, id);
  return id;
});
export const ids = read((session: Session) => idsOf(session));
/** The same, and a savepoint is what it begins with. */
export const savedIds = write((session: Session) => session.savepoint(() => idsOf(session)));
export const connectionId = write((session: Session) => idOf(session));
const idOf = (session: Session) => session.run(sql<{ id: number }>`select connection_id() as id`)[0]?.id;

/** Two rows, and in between a wait for whoever tests it. */
export const addTwo = write((session: Session, id: number, gate: SharedArrayBuffer) => {
  insert(session, id);
  new Gate(gate).pass();
  insert(session, id + 1);
  return id;
});
/** Waits when all is written, so that COMMIT is what comes next. */
export const addAndWait = write((session: Session, id: number, gate: SharedArrayBuffer) => {
  insert(session, id);
  new Gate(gate).pass();
  return id;
});
/** Waits on the server. */
export const addAndSleep = write((session: Session, id: number, seconds: number) => {
  insert(session, id);
  session.run(sql`select sleep(${seconds})`);
  return id;
});

/** Changes two rows in this order, with a wait in between: two of them in opposite order lock each other out. */
export const changeBoth = write((session: Session, first: number, second: number, gate: SharedArrayBuffer) => {
  attempts++;
  session.run(sql`update note set body = concat(body, '+') where id = ${first}`);
  new Gate(gate).pass();
  session.run(sql`update note set body = concat(body, '+') where id = ${second}`);
  return attempts;
});
let attempts = 0;
/** The same, by one that goes on as if nothing had happened. */
export const changeBothAnyway = write((session: Session, first: number, second: number, gate: SharedArrayBuffer) => {
  insert(session, 100 + first);
  session.run(sql`update note set body = concat(body, '+') where id = ${first}`);
  new Gate(gate).pass();
  try {
    session.run(sql`update note set body = concat(body, '+') where id = ${second}`);
  } catch {
    insert(session, 200 + first);
  }
  return 'went on';
});

/** Writes a row, and then waits for a lock that somebody else has. */
export const addAndWaitForLock = write((session: Session, id: number, locked: number, seconds: number) => {
  insert(session, id);
  session.run(sql`${sql.raw(`set innodb_lock_wait_timeout = ${seconds}`)}`);
  session.run(sql`update note set body = 'mine' where id = ${locked}`);
});
export const addLong = write((session: Session, id: number, length: number) => {
  insert(session, id);
  insert(session, id + 1, 'x'.repeat(length));
});
export const writeReading = read((session: Session, id: number) => insert(session, id));
export const loop = write((session: Session, id: number): never => {
  insert(session, id);
  for (;;);
});
export const exit = write((session: Session, id: number): never => {
  insert(session, id);
  process.exit(3);
});

export const countTwice = read((session: Session, gate: SharedArrayBuffer) => {
  const before = idsOf(session).length;
  new Gate(gate).pass();
  return [before, idsOf(session).length];
});

interface Raw {
  query(text: string, values?: readonly unknown[]): readonly [unknown, unknown];
}
const raw = (session: Session) => session.connection as Raw;

export const leaveVariables = write((session: Session) => {
  session.run(sql`set @mine = 7, time_zone = '+05:00', sql_mode = ''`);
  session.run(sql`set session transaction isolation level serializable`);
});
export const leaveTable = write((session: Session) => {
  session.run(sql`create temporary table mine (id int)`);
});
export const leaveLock = write((session: Session) => {
  session.run(sql`select get_lock('mine', 0)`);
});
export const leaveTransaction = write((session: Session) => {
  raw(session).query('start transaction');
  raw(session).query("insert into note values (9, 'left')");
  raw(session).query('rollback');
  raw(session).query('start transaction');
  raw(session).query('set @mine = ?', [7]);
});
export const leaveDatabase = write((session: Session) => {
  raw(session).query('use mysql');
});
/** What of all that the next unit finds. */
export const leftovers = write((session: Session) => {
  const [row] = session.run(sql<Record<string, unknown>>`
    select @mine as mine, @@sql_mode like '%STRICT_TRANS_TABLES%' as mode, is_free_lock('mine') as \`lock\`, @@time_zone as zone,
      database() as \`database\``);
  // Its name is not the same on MariaDB and MySQL.
  const [level] = session.run(
    sql<{ Value: string }>`show variables where variable_name in ('tx_isolation', 'transaction_isolation')`,
  );
  const tables = session.run(sql`select 1 from information_schema.tables where table_name = 'mine'`).length;
  return { ...row, mode: row?.mode === 1, level: level?.Value, tables };
});

const serverOf = (session: Session) => session.run(sql<{ id: number }>`select @@server_id as id`)[0]?.id;
export const server = write((session: Session) => serverOf(session));
export const serverReading = read((session: Session) => serverOf(session));
export const idsOfPrimary = write((session: Session) => idsOf(session));
