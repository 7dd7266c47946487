import { expect } from 'chai';
import { belongsTo, Entity, hasMany, integer, type LocalSession, MappingError, text } from '../../lib/orm/index.js';
import { onEach, type TestDatabase } from './database.js';
import { Address, SCHEMA, User } from './shop.js';

const id = integer().primaryKey();

class Keyless extends Entity('user', { name: text() }) {}
class Twice extends Entity('user', { id, name: text() }) {
  static relations = { name: hasMany(() => Address, 'userId') };
}
class Nowhere extends Entity('user', { id, name: text() }) {
  declare lost: User;
  static relations = { lost: belongsTo(() => undefined as never, 'id') };
}
class Wrong extends Entity('user', { id, name: text() }) {
  declare parent: User;
  static relations = { parent: belongsTo(() => User, 'parentId') };
}
class Pair extends Entity('pair', { left: integer().primaryKey(), right: integer().primaryKey() }) {}
class OfPair extends Entity('user', { id, name: text() }) {
  declare pair: Pair;
  static relations = { pair: belongsTo(() => Pair, 'id') };
}

onEach('a mapping that is wrong', (make) => {
  let db: TestDatabase;
  let session: LocalSession;

  beforeEach(() => {
    db = make(SCHEMA);
    session = db.open();
  });
  afterEach(() => db.close());

  const wrong: [what: string, use: (session: LocalSession) => unknown, message: string][] = [
    [
      'an entity without a key',
      (own) => own.query(Keyless),
      'Keyless is not mapped rightly: it has no primary key. Say which column it is: id: integer().primaryKey().',
    ],
    [
      'a relation with the name of a column',
      (own) => own.query(Twice),
      "Twice is not mapped rightly: 'name' is both a column and a relation. Give one of them another name.",
    ],
    [
      'a class that is no entity',
      (own) => own.query(Date as never),
      "Date is not mapped rightly: it is no entity. Write class User extends Entity('user', { … }).",
    ],
    [
      'a relation whose target is undefined',
      (own) => own.get(Nowhere, 1)?.lost,
      "Nowhere is not mapped rightly: the target of its relation 'lost' is undefined. " +
        'Write the thunk around the class: hasMany(() => Address, …), and import the class, not its type.',
    ],
    [
      'a relation over a column that is not there',
      (own) => own.get(Wrong, 1)?.parent,
      "Wrong is not mapped rightly: it has no column 'parentId'. Its columns are id, name.",
    ],
    [
      'a relation to a key of two columns that names one',
      (own) => own.get(OfPair, 1)?.pair,
      'OfPair is not mapped rightly: OfPair.pair names 1 column for the key of Pair (left, right). ' +
        'Name one column for each column of the key, in its order.',
    ],
  ];
  for (const [what, use, message] of wrong) {
    it(`is told: ${what}`, () => {
      expect(() => use(session)).to.throw(MappingError, message);
    });
  }

  for (const property of ['constructor', '__proto__', 'prototype']) {
    it(`is told: a column as the property ${property}`, () => {
      const columns = Object.fromEntries([
        ['id', id],
        [property, text()],
      ]);
      expect(() => Entity('user', columns)).to.throw(
        MappingError,
        `Entity('user') is not mapped rightly: a column cannot be the property '${property}'. ` +
          `Rename it: other: text('${property}').`,
      );
      expect(Object.prototype).to.not.have.property('definition');
    });
  }

  for (const first of ['the subclass', 'the other'] as const) {
    it(`is told: an entity that extends another one, whichever is used first: ${first}`, () => {
      class Animal extends Entity('animal', { id, name: text() }) {}
      class Dog extends Animal {}
      const [used, refused] = first === 'the other' ? [Animal, Dog] : [Dog, Animal];
      session.query(used);
      expect(() => session.query(refused)).to.throw(
        MappingError,
        `${refused.name} is not mapped rightly: it has its table together with ${used.name}, which is an entity itself.`,
      );
      session.query(used);
    });
  }

  it('is right with a class between an entity and its columns', () => {
    db.outside.exec('create table animal (id integer primary key, name text)');
    class Named extends Entity('animal', { id, name: text() }) {
      get called(): string {
        return `called ${this.name}`;
      }
    }
    class Cat extends Named {}
    session.add(new Cat({ name: 'Tom' }));
    session.commit();
    expect(db.open().query(Cat).one().called).to.equal('called Tom');
  });

  it('is right with two entities over one table: a query of either sees what was changed in the other', () => {
    class Short extends Entity('user', { id, name: text() }) {}
    const ada = session.get(User, 1) as User;
    ada.name = 'Augusta';
    expect(session.query(Short).where({ name: 'Augusta' }).count()).to.equal(1);
  });

  it('is right with a column that is only called __proto__ or constructor in SQL', () => {
    db.outside.exec('create table odd (id integer primary key, "__proto__" text, "constructor" text)');
    class Odd extends Entity('odd', { id, proto: text('__proto__'), maker: text('constructor') }) {}

    session.add(new Odd({ proto: 'a', maker: 'b' }));
    session.commit();
    expect(db.rows('select * from odd')).to.deep.equal([[1, 'a', 'b']]);
    expect({ ...db.open().query(Odd).where({ proto: 'a' }).one() }).to.deep.equal({ id: 1, proto: 'a', maker: 'b' });
  });

  it('is told: a column with a dot in its name', () => {
    expect(() => Entity('user', { id, dotted: text('a.b') })).to.throw(
      MappingError,
      "Entity('user') is not mapped rightly: the column 'a.b' has a dot in its name. A dot parts a table from its column.",
    );
  });

  it('is right with names that SQL would read otherwise: words of SQL, quotes, a space', () => {
    db.outside.exec('create table "select" (id integer primary key, "from" text, "a""b" text, "b desc" text)');
    class Odd extends Entity('select', { id, from: text(), quoted: text('a"b'), spaced: text('b desc') }) {}

    session.add(new Odd({ from: 'f', quoted: 'q', spaced: 's' }));
    session.commit();
    expect(db.rows('select * from "select"')).to.deep.equal([[1, 'f', 'q', 's']]);
    const all = { from: 'f', quoted: 'q', spaced: 's' };
    const read = db.open().query(Odd).where(all).orderBy('spaced').one();
    expect({ ...read }).to.deep.equal({ id: 1, ...all });
  });
});
