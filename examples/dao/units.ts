import { read, type Session, sql, write } from 'offthread/orm';
import type { Purchase as NewPurchase } from './dao.js';
import { Customer, Line, Purchase } from './entities.js';
import { UnknownCustomer } from './unknown-customer.js';

export const register = write((session: Session, name: string) => {
  const customer = session.add(new Customer({ name }));
  session.flush();
  return customer.id;
});

export const customerPage = read((session: Session, id: number) => {
  const customer = session.get(Customer, id);
  if (!customer) throw new UnknownCustomer(id);
  const purchases = customer.purchases.map(({ day, lines, cents }) => ({
    day,
    lines: lines.map(({ article, cents }) => ({ article, cents })),
    cents,
  }));
  return { name: customer.name, purchases };
});

/** What was a Cart between two calls is the argument of one. */
export const buy = write((session: Session, { customerId, day, lines }: NewPurchase) => {
  const purchase = session.add(new Purchase({ customerId, day }));
  purchase.lines = lines.map((line) => new Line(line));
  session.flush();
  return purchase.id;
});

/** Nothing to map, and much of it: plain SQL, in the same transaction. */
export const importLines = write((session: Session, texts: string[]) => {
  for (const text of texts) {
    const { customerId, day, lines }: NewPurchase = JSON.parse(text);
    const { insertId } = session.run(sql`insert into purchase (customer_id, day) values (${customerId}, ${day})`);
    for (const { article, cents } of lines)
      session.run(sql`insert into line (purchase_id, article, cents) values (${insertId}, ${article}, ${cents})`);
  }
});
