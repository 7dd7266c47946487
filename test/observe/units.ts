import { belongsTo, Entity, hasMany, integer, read, type Session, text, write } from 'offthread/orm';

export * from './plain-units.js';

export class Author extends Entity('author', { id: integer().primaryKey(), name: text() }) {
  declare books: Book[];
  static relations = { books: hasMany(() => Book, 'authorId') };
}
export class Book extends Entity('book', {
  id: integer().primaryKey(),
  authorId: integer('author_id').references('author'),
  title: text(),
}) {
  declare author: Author;
  static relations = { author: belongsTo(() => Author, 'authorId') };
}

export const library = write((session: Session) => {
  for (const name of ['Ada', 'Grace']) {
    const author = session.add(new Author({ name }));
    author.books = ['One', 'Two'].map((title) => new Book({ title }));
  }
});

/** One query for the authors, one for the books of all of them; the second author's are there already. */
export const titles = read((session: Session) =>
  session
    .query(Author)
    .orderBy('id')
    .all()
    .map((author) => author.books.map(({ title }) => title)),
);
/** The author of a book is in the session: nothing is asked for it. */
export const known = read((session: Session) => {
  const [author] = session.query(Author).orderBy('id').all() as [Author];
  const book = session.get(Book, author.books[0]?.id as number) as Book;
  return book.author.name;
});
export const firstNames = read((session: Session) => {
  const names: string[] = [];
  for (const { name } of session.query(Author).orderBy('id').iterate()) {
    names.push(name);
    if (names.length === 1) break;
  }
  return names;
});
export const streamed = read(function* (session: Session) {
  for (const { name } of session.query(Author).orderBy('id').all()) yield name;
});
/** Never comes to its end by itself: whoever leaves it finds it waiting for somebody to take what it has yielded. */
export const endless = read(function* (session: Session) {
  const name = session.query(Author).orderBy('id').first()?.name;
  try {
    for (;;) yield name;
  } finally {
    session.query(Book).count();
  }
});
export const rename = write((session: Session, id: number, name: string) => {
  const author = session.get(Author, id);
  if (author) author.name = name;
});
export const raw = write((session: Session) => {
  const connection = session.connection as {
    prepare(text: string): { all(...values: unknown[]): unknown[]; run(...values: unknown[]): unknown };
    exec(text: string): unknown;
  };
  connection.prepare('select name from author where id > ?').all(0);
  connection.prepare('update author set name = ? where id = ?').run('Eve', 1);
  connection.exec("update author set name = 'Ada'");
  return session.query(Author).count();
});
export const rawOnServer = write((session: Session) => {
  const connection = session.connection as { query(text: string, values?: unknown[]): unknown };
  connection.query('select name from author where id > ?', [0]);
  connection.query('update author set name = ? where id = ?', ['Eve', 1]);
  connection.query("update author set name = 'Ada' where id = 1");
});
