import { and, asc, count, eq, gt, sql, sum } from 'drizzle-orm';
import { read, type Session, write } from 'offthread/orm';
import { libraryOf } from './library.js';
import { author, book } from './schema.js';

export const authorPage = read((session: Session, id: number) =>
  libraryOf(session)
    .query.author.findFirst({ where: eq(author.id, id), with: { books: { orderBy: asc(book.title) } } })
    .sync(),
);

export const shelf = read((session: Session) =>
  libraryOf(session)
    .select({ name: author.name, titles: count(), copies: sum(book.copies).mapWith(Number) })
    .from(author)
    .innerJoin(book, eq(book.authorId, author.id))
    .groupBy(author.id)
    .orderBy(author.name)
    .all(),
);

export const publish = write((session: Session, name: string, titles: readonly string[]) => {
  const library = libraryOf(session);
  const { id } = library.insert(author).values({ name }).returning({ id: author.id }).get();
  const books = titles.map((title) => ({ authorId: id, title }));
  return { id, books: library.insert(book).values(books).returning().all() };
});

export class NotThere extends Error {
  override name = 'NotThere';
}

export const lend = write((session: Session, title: string): number => {
  const library = libraryOf(session);
  const lent = library
    .update(book)
    .set({ copies: sql`${book.copies} - 1` })
    .where(and(eq(book.title, title), gt(book.copies, 0)))
    .returning({ left: book.copies })
    .get();
  // What a unit throws rolls back all that it did.
  if (!lent) throw new NotThere(`no copy of ${title} is left`);
  return lent.left;
});

/** Each title by itself: one that fails is undone and passed over, the others stay. */
export const receive = write((session: Session, authorId: number, titles: readonly string[]): string[] => {
  const library = libraryOf(session);
  return titles.filter((title) => {
    try {
      // A savepoint in the transaction of the unit.
      library.transaction((tx) => {
        tx.insert(book).values({ authorId, title, copies: 0 }).run();
        tx.update(book).set({ copies: 1 }).where(eq(book.title, title)).run();
      });
      return true;
    } catch {
      return false;
    }
  });
});
