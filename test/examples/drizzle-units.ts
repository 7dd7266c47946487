// Mistakes and mixtures, beside the units of the example.
import { eq, sql } from 'drizzle-orm';
import { read, type Session, sql as text, write } from 'offthread/orm';
import { libraryOf } from '../../examples/drizzle/library.js';
import { author, book } from '../../examples/drizzle/schema.js';

export * from '../../examples/drizzle/units.js';

const insert = (session: Session, name: string) => libraryOf(session).insert(author).values({ name }).run();

export const failBehindTransaction = write((session: Session): void => {
  libraryOf(session).transaction((tx) => tx.insert(author).values({ name: 'Nobody' }).run());
  throw new RangeError('too late');
});
export const nested = write((session: Session): string[] => {
  const library = libraryOf(session);
  library.transaction(
    (tx) => {
      tx.insert(author).values({ name: 'outer' }).run();
      try {
        tx.transaction((inner) => {
          inner.insert(author).values({ name: 'inner' }).run();
          inner.rollback();
        });
      } catch {
        tx.insert(author).values({ name: 'behind' }).run();
      }
    },
    { behavior: 'immediate' },
  );
  return library
    .select({ name: author.name })
    .from(author)
    .all()
    .map(({ name }) => name);
});
export const asynchronous = write((session: Session): void => {
  libraryOf(session).transaction(async (tx) => {
    tx.insert(author).values({ name: 'Nobody' }).run();
    await null;
  });
});
export const writeInRead = read((session: Session): void => void insert(session, 'Nobody'));
export const unfinished = ((session: Session) => libraryOf(session).select().from(author)) as unknown as () => void;
export const unfinishedRelation = ((session: Session) =>
  libraryOf(session).query.author.findMany()) as unknown as () => void;
export const together = write((session: Session) => {
  insert(session, 'by Drizzle');
  session.run(text`insert into author (name) values ('by the session')`);
  return libraryOf(session).all<{ name: string }>(sql`select name from author order by id`);
});
export const bump = write((session: Session, title: string): void => {
  const library = libraryOf(session);
  const found = library.select().from(book).where(eq(book.title, title)).get();
  library
    .update(book)
    .set({ copies: (found?.copies ?? 0) + 1 })
    .where(eq(book.title, title))
    .run();
});
export const forEver = write((session: Session): void => {
  insert(session, 'Nobody');
  for (;;) libraryOf(session).select().from(author).all();
});
export const commitByHand = write((session: Session): void => {
  insert(session, 'Somebody');
  libraryOf(session).run(sql`commit`);
});
