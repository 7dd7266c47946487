import { expect } from 'chai';
import {
  belongsTo,
  createTables,
  Entity,
  EntityStateError,
  hasMany,
  integer,
  type LocalSession,
  manyToMany,
  sql,
  text,
} from '../../lib/orm/index.js';
import { onEach, type TestDatabase } from './database.js';

class Account extends Entity('account', {
  id: integer().primaryKey(),
  email: text(),
  balance: integer().default(0),
}) {
  validate(): void {
    this.email = this.email.trim().toLowerCase();
    if (this.balance < 0) throw new RangeError(`Account.balance may not be ${this.balance}: there is no credit.`);
  }
}

onEach("an entity's validate()", (make) => {
  let db: TestDatabase;
  let session: LocalSession;

  beforeEach(() => {
    db = make('create table account (id integer primary key, email text not null, balance integer not null)');
    session = db.open();
  });
  afterEach(() => db.close());

  it('runs before an insert, and may set what is written', () => {
    session.add(new Account({ email: ' Ada@Example.org ' }));
    session.commit();

    expect(db.rows('select email from account')).to.deep.equal([['ada@example.org']]);
  });

  it('refuses before any statement is sent', () => {
    const account = session.add(new Account({ email: 'ada@example.org' }));
    session.add(new Account({ email: 'bob@example.org', balance: -1 }));

    expect(db.during(() => expect(() => session.commit()).to.throw(RangeError, 'may not be -1'))).to.deep.equal([]);
    session.rollback();
    expect(account.id).to.equal(undefined);
  });

  it('may load, add, and change others, which are asked in their turn', () => {
    class Node extends Entity('node', {
      id: integer().primaryKey(),
      upId: integer('up_id').nullable(),
      depth: integer().default(0),
    }) {
      declare up: Node | null;
      static relations = { up: belongsTo(() => Node, 'upId') };
      validate(): void {
        if (this.up === null) return;
        this.depth = this.up.depth + 1;
        if (this.depth === 2) session.add(new Node({ depth: 100 }));
        if (this.up.depth < 0) this.up.depth = 0;
      }
    }
    createTables(session, [Node]);
    session.run(sql`insert into node values (1, null, -1), (2, 1, 0), (3, 2, 0)`);
    session.commit();
    (session.get(Node, 2) as Node).depth = 1;
    session.commit();
    (session.get(Node, 3) as Node).depth = 50;
    session.commit();

    expect(db.rows('select id, depth from node')).to.deep.equal([
      [1, 0],
      [2, 0],
      [3, 1],
    ]);
    const four = session.add(new Node({}));
    four.up = session.get(Node, 3) as Node;
    session.commit();
    expect(db.rows('select id, depth from node where id > 3')).to.deep.equal([
      [4, 2],
      [5, 100],
    ]);
  });

  it('sees in a relation what is about to be written', () => {
    class Bill extends Entity('bill', { id: integer().primaryKey(), note: text(), total: integer().default(0) }) {
      declare lines: Line[];
      declare tags: Tag[];
      static relations = {
        lines: hasMany(() => Line, 'billId'),
        tags: manyToMany(() => Tag, { through: 'tagged', from: 'bill', to: 'tag' }),
      };
      validate(): void {
        this.total = this.lines.reduce((sum, { amount }) => sum + amount, 0) + 1000 * this.tags.length;
      }
    }
    class Line extends Entity('line', {
      id: integer().primaryKey(),
      billId: integer('bill_id').references('bill'),
      amount: integer(),
    }) {
      declare bill: Bill;
      static relations = { bill: belongsTo(() => Bill, 'billId') };
    }
    class Tag extends Entity('tag', { id: integer().primaryKey() }) {
      declare bills: Bill[];
      static relations = { bills: manyToMany(() => Bill, { through: 'tagged', from: 'tag', to: 'bill' }) };
    }
    createTables(session, [Bill, Line, Tag]);
    session.run(sql`insert into bill values (1, 'x', 0), (2, 'y', 0)`);
    session.run(sql`insert into line values (1, 1, 5), (2, 1, 50), (3, 2, 500)`);
    session.commit();
    const [first, second] = [session.get(Bill, 1), session.get(Bill, 2)] as [Bill, Bill];
    session.add(new Line({ amount: 7 })).bill = first;
    session.add(new Line({ amount: 70, billId: 2 }));
    (session.get(Line, 2) as Line).bill = second;
    (session.get(Line, 3) as Line).billId = 1;
    new Tag().bills.push(first);
    first.note = second.note = 'z';
    session.commit();
    expect(db.rows('select total from bill order by id')).to.deep.equal([[1512], [120]]);
  });

  it('is asked again who is changed behind his own word', () => {
    class Purse extends Entity('purse', { id: integer().primaryKey(), total: integer() }) {
      validate(): void {
        if (this.total < 0) throw new RangeError(`Purse.total may not be ${this.total}`);
      }
    }
    class Coin extends Entity('coin', { id: integer().primaryKey(), worth: integer() }) {
      validate(): void {
        purse.total -= this.worth;
      }
    }
    createTables(session, [Purse, Coin]);
    const purse = session.add(new Purse({ total: 1 }));
    session.add(new Coin({ worth: 5 }));
    expect(() => session.commit()).to.throw(RangeError, 'Purse.total may not be -4');
  });

  it('may go along a chain, however long it is', () => {
    class Link extends Entity('link', { id: integer().primaryKey(), sum: integer().default(0) }) {
      validate(): void {
        const next = links[links.indexOf(this) + 1];
        if (next !== undefined) next.sum = this.sum + 1;
      }
    }
    createTables(session, [Link]);
    const links = Array.from({ length: 300 }, () => session.add(new Link()));
    session.commit();
    // From its end: each is changed by the one that is asked behind it.
    links.reverse();
    (links[0] as Link).sum = 10;
    session.commit();
    expect(links.at(-1)?.sum).to.equal(309);
  });

  it('that changes others who change it in turn is told so, and does not go on for ever', () => {
    class Echo extends Entity('echo', { id: integer().primaryKey(), count: integer().default(0) }) {
      declare other: Echo;
      validate(): void {
        other(this).count++;
      }
    }
    createTables(session, [Echo]);
    const echoes = [session.add(new Echo()), session.add(new Echo())];
    const other = (one: Echo) => echoes.find((each) => each !== one) as Echo;
    expect(() => session.commit()).to.throw(
      EntityStateError,
      'Echo is changed again and again by what validate() of others',
    );
  });

  it('runs before an update, and not for what has not changed', () => {
    const [ada, bob] = ['ada', 'bob'].map((name) => session.add(new Account({ email: name }))) as [Account, Account];
    session.commit();
    let asked = 0;
    bob.validate = () => void asked++;
    ada.balance = -5;

    expect(() => session.commit()).to.throw(RangeError, 'may not be -5');
    expect(asked).to.equal(0);
    ada.balance = 5;
    ada.email = 'ADA';
    session.commit();
    expect(db.rows('select email, balance from account where id = 1')).to.deep.equal([['ada', 5]]);
  });
});
