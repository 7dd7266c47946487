import { randomUUID } from 'node:crypto';
import { createTables, decimal, Entity, integer, sql, text, timestamp, uuid } from 'offthread/orm';
import type { Program } from './program.js';

export class Article extends Entity('article', {
  id: uuid()
    .primaryKey()
    .default(() => randomUUID()),
  title: text(),
  slug: text().default('').unique(),
  price: decimal({ precision: 8, scale: 2 }),
  count: integer().default(1).check(sql`count >= 0`),
  words: integer().generated(sql`length(title) - length(replace(title, ' ', '')) + 1`),
  createdAt: timestamp('created_at').default(() => new Date()),
  updatedAt: timestamp('updated_at').onUpdate(() => new Date()),
  version: integer().version(),
}) {
  /** Called before each INSERT and UPDATE: it may refuse, or set what follows from the rest. */
  validate(): void {
    if (this.title.trim() === '') throw new RangeError('an article has a title');
    this.slug = this.title.toLowerCase().replaceAll(' ', '-');
  }
}

export const hooks: Program = (session, print) => {
  createTables(session, [Article]);
  session.commit();

  const article = session.add(new Article({ title: 'On small things', price: '9.5' }));
  session.commit();
  print(article.slug, article.words, article.version);
  print(article.updatedAt.getTime() >= article.createdAt.getTime());

  article.title = 'On large things';
  session.commit();
  print(article.slug, article.version);

  article.title = ' ';
  try {
    session.commit();
  } catch (error) {
    print((error as Error).message);
    session.rollback();
  }
  print(article.title);

  // What a column cannot hold is refused before any SQL, by its name
  article.price = '1234567.89';
  try {
    session.flush();
  } catch (error) {
    print((error as Error).message);
    session.refresh(article);
  }
  print(article.price);
};
