import { read, type Session, write } from 'offthread/orm';
import { Author, Book } from './entities.js';

export const addAuthor = write((session: Session, name: string, ...titles: string[]) => {
  const author = session.add(new Author({ name }));
  author.books = titles.map((title) => new Book({ title }));
});

export const shelf = read((session: Session) =>
  session
    .query(Author)
    .orderBy('id')
    .all()
    .map((author) => `${author.name}: ${author.books.map((book) => book.title).join(', ')}`),
);

export const importBooks = write((session: Session, titles: string[]) => {
  const author = session.query(Author).first();
  for (const title of titles) author?.books.push(new Book({ title }));
  return { imported: titles.length, traceparent: session.trace?.traceparent };
});
