import { relations } from 'drizzle-orm';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

export const author = sqliteTable('author', {
  id: integer().primaryKey(),
  name: text().notNull(),
});

export const book = sqliteTable('book', {
  id: integer().primaryKey(),
  authorId: integer('author_id')
    .notNull()
    .references(() => author.id),
  title: text().notNull().unique(),
  copies: integer().notNull().default(1),
});

export const authorRelations = relations(author, ({ many }) => ({ books: many(book) }));
export const bookRelations = relations(book, ({ one }) => ({
  author: one(author, { fields: [book.authorId], references: [author.id] }),
}));
