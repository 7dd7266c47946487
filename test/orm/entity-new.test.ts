import { expect } from 'chai';
import {
  belongsTo,
  blob,
  CallError,
  Entity,
  hasMany,
  integer,
  json,
  type LocalSession,
  MappingError,
  text,
  timestamp,
} from '../../lib/orm/index.js';
import { onEach, type TestDatabase, thrownBy } from './database.js';
import { Address, SCHEMA, User } from './shop.js';

let made = 0;
class Note extends Entity('note', {
  id: integer().primaryKey(),
  number: integer('note_number').default(() => ++made),
  title: text('note_title').default('untitled'),
  tags: json<string[]>().default([]),
  at: timestamp('created_at').default(new Date(0)),
  seal: blob().default(Buffer.from('seal')),
  remark: text().nullable().default('none'),
}) {}
const NOTES = `create table note (
  id integer primary key, note_number integer, note_title text, tags text, created_at text, seal blob, remark text
);`;

class FieldUser extends Entity('user', { id: integer().primaryKey(), name: text() }) {
  addresses!: Address[];
  static relations = { addresses: hasMany(() => Address, 'userId') };
}
class ValueUser extends Entity('user', { id: integer().primaryKey(), name: text() }) {
  addresses: Address[] = [];
  static relations = { addresses: hasMany(() => Address, 'userId') };
}

onEach('a new entity', (make) => {
  let db: TestDatabase;
  let session: LocalSession;

  beforeEach(() => {
    made = 0;
    db = make(SCHEMA + NOTES);
    session = db.open();
  });
  afterEach(() => db.close());

  it('may be made of nothing, and is complete by its flush', () => {
    class Remark extends Entity('note', { id: integer().primaryKey(), remark: text().nullable() }) {}
    const remark = session.add(new Remark());
    expect({ ...remark }).to.deep.equal({ id: undefined, remark: null });
    remark.remark = 'late';
    session.commit();
    expect(db.rows('select id, remark from note')).to.deep.equal([[remark.id, 'late']]);
  });

  for (const [what, given] of [
    ['null', null],
    ["'Ada'", 'Ada'],
  ] as const) {
    it(`is not made of ${what}`, () => {
      expect(() => new User(given as never)).to.throw(
        TypeError,
        `new User() takes an object of columns and their values, not ${what}.`,
      );
    });
  }

  it('takes defaults for what is left out or undefined, and calls a function for each entity', () => {
    const [first, second] = [new Note({}), new Note({ title: undefined })];

    expect({ ...first }).to.deep.equal({
      id: undefined,
      number: 1,
      title: 'untitled',
      tags: [],
      at: new Date(0),
      seal: Buffer.from('seal'),
      remark: 'none',
    });
    expect([second.number, second.title]).to.deep.equal([2, 'untitled']);
  });

  it('does not call the function of a default where a value is given', () => {
    expect([new Note({ number: 70 }).number, made]).to.deep.equal([70, 0]);
  });

  it('gets a default value of its own, which others do not share', () => {
    const note = new Note({});
    note.tags.push('mine');
    note.at.setUTCFullYear(1999);
    note.seal[0] = 0;

    const { tags, at, seal } = new Note({});
    expect({ tags, at, seal }).to.deep.equal({ tags: [], at: new Date(0), seal: Buffer.from('seal') });
  });

  it('has a Buffer where the default of a blob is one', () => {
    expect(Buffer.isBuffer(new Note({}).seal)).to.equal(true);
  });

  it('keeps a null that is given, over the default', () => {
    expect(new Note({ remark: null }).remark).to.equal(null);
  });

  it('has null where a nullable column is left out', () => {
    expect({ ...new User({ name: 'Eve' }) }).to.deep.equal({ id: undefined, name: 'Eve', email: null, age: null });
  });

  it('is stored under the columns’ own names in SQL', () => {
    session.add(new Note({ title: 'Renamed' }));

    const insert =
      'insert into "note" ("note_number", "note_title", "tags", "created_at", "seal", "remark") values (?, ?, ?, ?, ?, ?)';
    expect(db.during(() => session.commit())).to.deep.equal([insert]);
    expect(db.rows('select note_number, note_title, created_at from note')).to.deep.equal([
      [1, 'Renamed', '1970-01-01 00:00:00.000'],
    ]);
    const note = db.open().query(Note).where({ title: 'Renamed', number: 1 }).orderBy('title').one();
    expect([note.title, note.at]).to.deep.equal(['Renamed', new Date(0)]);
  });

  it('names a column that is missing when it is written', () => {
    session.add(new User({} as never));

    expect(() => session.commit()).to.throw(
      TypeError,
      'User.name takes a value: the column is not nullable(), not undefined.',
    );
  });

  it('refuses a column that it does not have, and says which was meant', () => {
    const error = thrownBy(() => new User({ name: 'Eve', emai: 'x' } as never));
    expect(error).to.be.instanceOf(CallError).and.include({
      code: 'OFFTHREAD_CALL',
      message: "new User(…): User has no column 'emai'. Did you mean 'email'?",
    });
  });

  it('refuses a relation, and names the columns', () => {
    expect(() => new User({ name: 'Eve', addresses: [] } as never)).to.throw(
      CallError,
      "new User(…): User has no column 'addresses'. " +
        'Its columns are id, name, email, age; set a relation after new.',
    );
  });

  it('refuses a name that only every object has', () => {
    expect(() => new User({ name: 'Eve', toString: 'x' } as never)).to.throw(CallError, "no column 'toString'");
  });

  for (const [how, entity] of [
    ['declared as a field', FieldUser],
    ['set to a value', ValueUser],
  ] as const) {
    it(`is told that a relation ${how} is hidden, when it is added`, () => {
      expect(() => session.add(new entity({ name: 'Eve' }))).to.throw(
        MappingError,
        `${entity.name} is not mapped rightly: a field hides its relation 'addresses'. ` +
          'Write declare addresses: … in the class, without a value.',
      );
      session.commit();
      expect(db.rows("select count(*) from user where name = 'Eve'")).to.deep.equal([[0]]);
    });
  }

  it('is told of a hidden relation also when another entity brings it', () => {
    class Child extends Entity('address', { id: integer().primaryKey(), userId: integer('user_id'), street: text() }) {
      declare user: ValueUser;
      static relations = { user: belongsTo(() => ValueUser, 'userId') };
    }
    const child = session.add(new Child({ street: 'West', userId: 0 }));
    const eve = new ValueUser({ name: 'Eve' });

    expect(() => (child.user = eve)).to.throw(MappingError, "a field hides its relation 'addresses'");
  });
});
