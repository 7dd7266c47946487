import { expect } from 'chai';
import {
  belongsTo,
  DatabaseError,
  Entity,
  EntityStateError,
  hasMany,
  integer,
  type LocalSession,
} from '../../lib/orm/index.js';
import { Author, SCHEMA as LIBRARY } from './author.js';
import { Book } from './book.js';
import { Category, SCHEMA as TREE } from './category.js';
import { onEach, quoted, type TestDatabase, thrownBy } from './database.js';
import { Address, Order, SCHEMA as SHOP, User } from './shop.js';

/** Owner and owned of which only the owner tells. */
class Owner extends Entity('owner', { id: integer().primaryKey() }) {
  declare things: Thing[];
  static relations = { things: hasMany(() => Thing, 'ownerId') };
}
class Thing extends Entity('thing', { id: integer().primaryKey(), ownerId: integer('owner_id') }) {}
/** Each needs the other. */
class Hen extends Entity('hen', { id: integer().primaryKey(), eggId: integer('egg_id') }) {
  declare egg: Egg;
  static relations = { egg: belongsTo(() => Egg, 'eggId') };
}
class Egg extends Entity('egg', { id: integer().primaryKey(), henId: integer('hen_id') }) {
  declare hen: Hen;
  static relations = { hen: belongsTo(() => Hen, 'henId') };
}
const OWNERS = `
  create table owner (id integer primary key);
  create table thing (id integer primary key, owner_id integer not null references owner (id));`;

/** `insert user`, `update address`: the verb and the table of each statement. */
const steps = (sent: string[]): string[] =>
  sent.map((sql) => sql.replace(/^(insert|update|delete)(?: into| from)? "(\w+)".*$/, '$1 $2'));

onEach('the order of a flush', (make, dialect) => {
  let db: TestDatabase;
  let session: LocalSession;

  beforeEach(() => {
    db = make(SHOP + TREE + LIBRARY + OWNERS);
    session = db.open();
  });
  afterEach(() => db.close());

  it('is delete, update, insert', () => {
    session.remove(session.get(User, 4) as User);
    (session.get(User, 1) as User).age = 1;
    session.add(new User({ name: 'Eve' }));

    expect(steps(db.during(() => session.commit()))).to.deep.equal(['delete user', 'update user', 'insert user']);
  });

  it('of inserts is the owner before what belongs to it, through relations', () => {
    const order = session.add(new Order({ userId: 0 }));
    const address = session.add(new Address({ street: 'West' }));
    order.user = address.user = new User({ name: 'Eve' });

    expect(steps(db.during(() => session.commit()))).to.deep.equal(['insert user', 'insert order', 'insert address']);
    expect(db.rows('select max(user_id) from "order" union all select max(user_id) from address')).to.deep.equal([
      [5],
      [5],
    ]);
  });

  it('of inserts is otherwise the order in which they were added', () => {
    for (const name of ['Zoe', 'Eve', 'Max']) session.add(new User({ name }));
    session.commit();

    expect(db.rows('select name from user where id > 4 order by id')).to.deep.equal([['Zoe'], ['Eve'], ['Max']]);
  });

  it('of inserts is the owner first also where the foreign key was set by hand', () => {
    session.add(new Address({ userId: 70, street: 'West' }));
    session.add(new User({ id: 70, name: 'Eve' }));

    expect(steps(db.during(() => session.commit()))).to.deep.equal(['insert user', 'insert address']);
  });

  it('of deletes is what belongs to an owner before the owner', () => {
    const ada = session.get(User, 1) as User;
    const belongings = [...ada.addresses, ...ada.orders];
    session.remove(ada);
    for (const each of belongings) session.remove(each);

    expect(steps(db.during(() => session.commit()))).to.deep.equal([
      'delete address',
      'delete address',
      'delete order',
      'delete order',
      'delete user',
    ]);
  });

  it('of deletes is from the leaves of a tree to its root', () => {
    for (const id of [1, 3, 4, 6]) session.remove(session.get(Category, id) as Category);
    session.commit();

    expect(db.rows('select name from category order by id')).to.deep.equal([['Tools'], ['Saws']]);
  });

  it('of deletes is right too where only the owner has a relation', () => {
    const owner = session.add(new Owner({}));
    const thing = new Thing({ ownerId: 0 });
    owner.things.push(thing);
    session.flush();
    session.remove(owner);
    session.remove(thing);

    expect(steps(db.during(() => session.commit()))).to.deep.equal(['delete thing', 'delete owner']);
  });

  it('lets a member go to another owner before the former one is deleted', () => {
    const [bob, dee] = [session.get(User, 2) as User, session.get(User, 4) as User];
    dee.addresses.push(...bob.addresses.splice(0));
    session.remove(bob);

    expect(steps(db.during(() => session.commit()))).to.deep.equal(['update address', 'delete user']);
  });

  it('is an error of the database where something still belongs to what is deleted', () => {
    session.remove(session.get(User, 2) as User);

    expect(thrownBy(() => session.commit()))
      .to.be.instanceOf(DatabaseError)
      .and.include({ kind: 'foreign-key', sql: quoted('delete from "user" where "id" = ?', dialect) });
  });

  it('leaves a nullable key empty first, where new entities need each other', () => {
    const author = session.add(new Author({ name: 'Ursula' }));
    const book = session.add(new Book({ title: 'One' }));
    author.bestBook = book;
    book.author = author;

    expect(steps(db.during(() => session.commit()))).to.deep.equal(['insert author', 'insert book', 'update author']);
    expect(db.rows('select best_book_id from author')).to.deep.equal([[1]]);
    expect([author.bestBookId, book.authorId]).to.deep.equal([1, 1]);
    expect(db.during(() => session.commit())).to.deep.equal([]);
  });

  it('keeps the keys that were given by value, where new entities need each other', () => {
    const author = session.add(new Author({ id: 7, name: 'Ursula', bestBookId: 70 }));
    session.add(new Book({ id: 70, title: 'One', authorId: 7 }));

    expect(steps(db.during(() => session.commit()))).to.deep.equal(['insert author', 'insert book', 'update author']);
    expect(db.rows('select id, best_book_id from author')).to.deep.equal([[7, 70]]);
    expect(author.bestBookId).to.equal(70);
    session.add(new Category({ id: 80, name: 'Hen', parentId: 81 }));
    session.add(new Category({ id: 81, name: 'Egg', parentId: 80 }));
    session.commit();
    expect(db.rows('select id, parent_id from category where id in (80, 81) order by id')).to.deep.equal([
      [80, 81],
      [81, 80],
    ]);
  });

  it('forgets of keys by value what a flush that failed was about to do', () => {
    session.add(new Author({ id: 1, name: 'Ursula' }));
    session.add(new Book({ id: 1, title: 'One', authorId: 1 }));
    session.commit();
    const author = session.add(new Author({ id: 7, name: 'Ada', bestBookId: 70 }));
    const book = session.add(new Book({ id: 70, title: null as never, authorId: 7 }));
    expect(() => session.flush()).to.throw();
    expect(author.bestBookId).to.equal(70);
    author.bestBookId = 1;
    book.title = 'Notes';
    session.commit();
    expect(db.rows('select best_book_id from author where id = 7')).to.deep.equal([[1]]);
  });

  it('empties a nullable key first, where entities that are removed need each other', () => {
    const author = session.add(new Author({ name: 'Ursula' }));
    const book = session.add(new Book({ title: 'One' }));
    author.bestBook = book;
    book.author = author;
    session.commit();
    session.remove(author);
    session.remove(book);

    expect(steps(db.during(() => session.commit()))).to.deep.equal(['update author', 'delete book', 'delete author']);
  });

  it('is not to be found where no key may be empty, and the error names the circle', () => {
    const hen = session.add(new Hen({ eggId: 0 }));
    const egg = session.add(new Egg({ henId: 0 }));
    hen.egg = egg;
    egg.hen = hen;

    expect(thrownBy(() => session.commit()))
      .to.be.instanceOf(EntityStateError)
      .and.include({
        message:
          'Hen needs itself first: Hen -> Egg -> Hen. ' +
          'Make one of the foreign keys nullable(): it is then written in a second step.',
      });
  });

  it('is that of the database where an entity needs itself and has its key', () => {
    const root = session.add(new Category({ id: 70, name: 'Root' }));
    root.parent = root;

    expect(steps(db.during(() => session.commit()))).to.deep.equal(['insert category', 'update category']);
    expect(db.rows('select parent_id from category where id = 70')).to.deep.equal([[70]]);
  });

  it('is found for a chain of many thousands that were added from its end', () => {
    // Which deep recursion would not survive. The order is found before the dialect matters.
    const length = dialect === 'sqlite' ? 12_000 : 5_000;
    db.force('delete from category');
    let category = session.add(new Category({ name: 'leaf' }));
    for (let depth = 1; depth < length; depth++) {
      const parent = new Category({ name: `${depth}` });
      category.parent = parent;
      category = parent;
    }
    session.commit();

    expect(db.rows('select count(*), count(parent_id) from category')).to.deep.equal([[length, length - 1]]);
  });
});
