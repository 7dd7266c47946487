import { read, type Session, sql, write } from 'offthread/orm';
import { Gate } from '../lanes/gate.js';

// Units without entities: their thread is started in two thirds of the time.

export const trace = read((session: Session) => session.trace);
export const fail = write((session: Session) => {
  session.run(sql`select * from nowhere`);
});
export const refuse = write((session: Session, id: number) => {
  session.run(sql`insert into author (id, name) values (${id}, ${'a secret'})`);
});
export const many = read((session: Session, times: number) => {
  for (let i = 0; i < times; i++) session.run(sql`select ${i}`);
});
export const hold = read((_session: Session, gate: SharedArrayBuffer) => new Gate(gate).pass());
export const holdWriting = write((_session: Session, gate: SharedArrayBuffer) => new Gate(gate).pass());
export const spin = read((_session: Session, milliseconds: number) => {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
});
export const exit = write((_session: Session) => process.exit(3));
