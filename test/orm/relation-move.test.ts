import { expect } from 'chai';
import {
  belongsTo,
  Entity,
  EntityStateError,
  hasMany,
  hasOne,
  integer,
  type LocalSession,
} from '../../lib/orm/index.js';
import { onEach, type TestDatabase, thrownBy } from './database.js';
import { Address, SCHEMA, User } from './shop.js';

const MOVE = 'update "address" set "user_id" = ? where "id" = ?';

onEach('a relation that is changed', (make) => {
  let db: TestDatabase;
  let session: LocalSession;
  let ada: User;

  beforeEach(() => {
    db = make(SCHEMA);
    session = db.open();
    ada = session.get(User, 1) as User;
  });
  afterEach(() => db.close());

  for (const [order, move] of [
    ['first out, then in', (from: User, to: User) => to.addresses.push(...from.addresses.splice(0, 1))],
    [
      'first in, then out',
      (from: User, to: User) => {
        const [member] = from.addresses as [Address];
        to.addresses.push(member);
        const at = from.addresses.indexOf(member);
        if (at >= 0) from.addresses.splice(at, 1);
      },
    ],
  ] as const) {
    for (const [who, from, to] of [
      ['the first to the second', 1, 2],
      ['the second to the first', 2, 1],
    ] as const) {
      it(`by moving a member from ${who} owner, ${order}, is one update`, () => {
        const [giver, taker] = [session.get(User, from) as User, session.get(User, to) as User];
        void [giver.addresses, taker.addresses];
        const [member] = giver.addresses as [Address];
        move(giver, taker);

        expect(db.during(() => session.commit())).to.deep.equal([MOVE]);
        expect(db.rows(`select user_id from address where id = ${member.id}`)).to.deep.equal([[to]]);
        expect(member.user).to.equal(taker);
        expect(db.during(() => session.commit())).to.deep.equal([]);
      });
    }
  }

  it('so that a child is without its parent is refused where no column of its key may be empty', () => {
    class Line extends Entity('line', { bill: integer().primaryKey(), no: integer().primaryKey() }) {
      declare remarks: Remark[];
      static relations = { remarks: hasMany(() => Remark, ['bill', 'no']) };
    }
    class Remark extends Entity('remark', { id: integer().primaryKey(), bill: integer(), no: integer() }) {
      declare line: Line | null;
      static relations = { line: belongsTo(() => Line, ['bill', 'no']) };
    }
    db.outside.exec(`create table line (bill integer, no integer, primary key (bill, no));
      create table remark (id integer primary key, bill integer not null, no integer not null)`);
    const line = session.add(new Line({ bill: 1, no: 2 }));
    const [first, second] = [new Remark({ bill: 1, no: 2 }), new Remark({ bill: 1, no: 2 })];
    line.remarks.push(first, second);
    session.commit();

    first.line = null;
    expect(() => session.flush()).to.throw(TypeError, 'Remark.bill takes a value: the column is not nullable()');
    session.rollback();
    session.get(Line, [1, 2])?.remarks.splice(0, 1);
    expect(() => session.flush()).to.throw(TypeError, 'Remark.bill takes a value: the column is not nullable()');
  });

  it('by a new child takes nobody out of another relation over the same key that was looked at', () => {
    class Writer extends Entity('writer', { id: integer().primaryKey() }) {
      declare posts: Post[];
      declare latest: Post | null;
      static relations = { posts: hasMany(() => Post, 'writerId'), latest: hasOne(() => Post, 'writerId') };
    }
    class Post extends Entity('post', { id: integer().primaryKey(), writerId: integer('writer_id').nullable() }) {
      declare writer: Writer | null;
      static relations = { writer: belongsTo(() => Writer, 'writerId') };
    }
    db.outside.exec(`create table writer (id integer primary key);
      create table post (id integer primary key, writer_id integer references writer (id))`);
    const writer = session.add(new Writer());
    writer.posts.push(new Post());
    session.commit();
    expect(writer.latest).to.equal(writer.posts[0]);
    writer.posts.push(new Post());
    session.commit();
    expect(db.rows('select writer_id from post')).to.deep.equal([[1], [1]]);
  });

  const misused: [what: string, change: (user: User, address: Address) => void, message: string][] = [
    [
      'a collection that is no array',
      (user) => (user.addresses = null as never),
      'User.addresses takes an array of entities, not null.',
    ],
    [
      'a member that is no entity',
      (user) => (user.addresses = [{ street: 'West' } as never]),
      'User.addresses takes entities of Address, not an object (Object).',
    ],
    [
      'an owner that is no entity',
      (_, address) => (address.user = { id: 1 } as never),
      'Address.user takes an entity of User or null, not an object (Object).',
    ],
    [
      'a key in the place of an owner',
      (_, address) => (address.user = 1 as never),
      'Address.user takes an entity of User or null, not 1.',
    ],
  ];
  for (const [what, change, message] of misused) {
    it(`refuses ${what}`, () => {
      const north = session.get(Address, 1) as Address;

      expect(thrownBy(() => change(ada, north)))
        .to.be.instanceOf(TypeError)
        .and.include({ message, code: 'OFFTHREAD_VALUE' });
      expect(db.during(() => session.commit())).to.not.include(MOVE);
    });
  }

  for (const [how, put] of [
    ['pushed', (members) => members.push({ street: 'West' } as Address)],
    ['spliced in', (members) => members.splice(0, 0, { street: 'West' } as Address)],
    ['put in front', (members) => members.unshift({ street: 'West' } as Address)],
  ] as [string, (members: Address[]) => void][]) {
    it(`refuses at once what is ${how} and is no entity, and stays as it was`, () => {
      expect(() => put(ada.addresses)).to.throw(TypeError, 'User.addresses takes entities of Address');
      expect(ada.addresses.map(({ street }) => street)).to.deep.equal(['North', 'South']);
      expect(db.during(() => session.commit())).to.deep.equal([]);
    });
  }

  it('refuses at the flush what was put at an index and is no entity', () => {
    ada.addresses[0] = { street: 'West' } as Address;

    expect(() => session.commit()).to.throw(TypeError, 'User.addresses takes entities of Address');
  });

  it('refuses an entity of another session, on either side', () => {
    const stranger = db.open();
    const address = stranger.get(Address, 3) as Address;
    expect(() => ada.addresses.push(address)).to.throw(EntityStateError, 'Address belongs to another session');

    const north = session.get(Address, 1) as Address;
    const bob = stranger.get(User, 2) as User;
    expect(() => (north.user = bob)).to.throw(EntityStateError, 'User belongs to another session');
  });
});
