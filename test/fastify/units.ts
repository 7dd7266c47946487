import { read, type Session, sql, write } from 'offthread/orm';

const insert = (session: Session, body: string) => session.run(sql`insert into note (body) values (${body})`);

export const add = write((session: Session, body: string): void => {
  insert(session, body);
});
/** Writes, and then goes on for as long as nobody stops it. */
export const addForEver = write((session: Session, body: string): void => {
  insert(session, body);
  for (;;) session.run(sql`select count(*) from note`);
});
export const bodies = read((session: Session): string[] =>
  (session.run(sql<{ body: string }>`select body from note order by rowid`) as { body: string }[]).map(
    ({ body }) => body,
  ),
);
