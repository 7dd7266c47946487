import { read, type Session, sql, write } from 'offthread/orm';

function inner(): never {
  throw new Error('deep inside'); // the line of inner
}
export const throwing = read((_session: Session) => {
  inner(); // the line of throwing
});
export const failingQuery = write((session: Session) => {
  session.run(sql`insert into nowhere values (1)`); // the line of failingQuery
});
export const inSavepoint = write((session: Session) => {
  session.savepoint(() => {
    inner(); // the line of inSavepoint
  });
});
export const late = (_session: Session) => Promise.resolve(1);
export const notPortable = read((_session: Session) => () => 1);
export const spin = read((_session: Session) => {
  for (;;);
});
export const exiting = () => process.exit(1);
