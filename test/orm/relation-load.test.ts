import { expect } from 'chai';
import type { LocalSession } from '../../lib/orm/index.js';
import { onEach, type TestDatabase } from './database.js';
import { Address, Order, SCHEMA, User } from './shop.js';

const ADDRESSES = (places: number) =>
  `select "id", "user_id", "street" from "address" where "user_id" in (${new Array(places).fill('?').join(', ')}) order by "id"`;
const USERS = (places: number) =>
  `select "id", "name", "email", "age" from "user" where "id" in (${new Array(places).fill('?').join(', ')}) order by "id"`;
const MANY = (users: number) => `
  delete from "order"; delete from address; delete from user;
  with recursive n (i) as (select 1 union all select i + 1 from n where i < ${users})
    insert into user select i, 'user ' || i, null, i from n;
  insert into address select id, id, 'street ' || id from user;`;

onEach('a relation, loaded at the first touch', (make) => {
  let db: TestDatabase;
  let session: LocalSession;

  beforeEach(() => {
    db = make(SCHEMA);
    session = db.open();
  });
  afterEach(() => db.close());

  it('is not loaded before', () => {
    expect(db.during(() => session.query(User).all())).to.have.length(1);
  });

  it('of many is an array in the order of the keys, by one statement', () => {
    const ada = session.get(User, 1) as User;

    expect(db.during(() => ada.addresses)).to.deep.equal([ADDRESSES(1)]);
    expect(ada.addresses).to.be.an('array');
    expect(ada.addresses.map(({ street }) => street)).to.deep.equal(['North', 'South']);
  });

  it('is the same array at each touch, without a statement', () => {
    const ada = session.get(User, 1) as User;
    const { addresses } = ada;

    expect(db.during(() => expect(ada.addresses).to.equal(addresses))).to.deep.equal([]);
  });

  it('of many is empty where there are none, and then not asked for again', () => {
    const dee = session.get(User, 4) as User;

    expect(db.during(() => expect(dee.addresses).to.deep.equal([]))).to.have.length(1);
    expect(db.during(() => expect(dee.addresses).to.deep.equal([]))).to.have.length(0);
  });

  it('of one is the entity, by one statement', () => {
    const north = session.get(Address, 1) as Address;

    expect(db.during(() => expect(north.user?.name).to.equal('Ada'))).to.deep.equal([USERS(1)]);
    expect(db.during(() => expect(north.user?.name).to.equal('Ada'))).to.deep.equal([]);
  });

  it('of one needs no statement where the entity is known', () => {
    session.query(User).all();
    const north = session.get(Address, 1) as Address;

    expect(db.during(() => expect(north.user?.name).to.equal('Ada'))).to.deep.equal([]);
  });

  it('of one is null for a null foreign key, without a statement', () => {
    const nowhere = session.get(Address, 4) as Address;

    expect(db.during(() => expect(nowhere.user).to.equal(null))).to.deep.equal([]);
  });

  it('of one is null where the row is gone, and is asked for once', () => {
    db.force('delete from user where id = 2');
    const east = session.get(Address, 3) as Address;

    expect(db.during(() => [east.user, east.user])).to.deep.equal([USERS(1)]);
    expect(east.user).to.equal(null);
  });

  it('is loaded for all entities of a result together', () => {
    const users = session.query(User).orderBy('id').all();
    const sent = db.during(() => {
      expect(users.map(({ addresses }) => addresses.length)).to.deep.equal([2, 1, 0, 0]);
    });

    expect(sent).to.deep.equal([ADDRESSES(4)]);
  });

  it('asks for as many as there are, rounded up, so that few texts serve every number', () => {
    const users = session.query(User).orderBy('id').limit(3).all();

    expect(db.during(() => users[1]?.addresses)).to.deep.equal([ADDRESSES(4)]);
    expect(users.map(({ addresses }) => addresses.length)).to.deep.equal([2, 1, 0]);
  });

  it('of one is loaded together too, each entity once, and only those that are not known', () => {
    session.get(User, 2);
    const addresses = session.query(Address).orderBy('id').all();
    const sent = db.during(() => {
      expect(addresses.map(({ user }) => user?.name)).to.deep.equal(['Ada', 'Ada', 'Bob', undefined]);
    });

    expect(sent).to.deep.equal([USERS(1)]);
  });

  it('goes on over several steps, with one statement for each', () => {
    const orders = session.query(Order).orderBy('id').all();
    const sent = db.during(() => {
      const streets = orders.flatMap(({ user }) =>
        user.addresses.map(({ street, user: same }) => `${street} ${same?.name}`),
      );
      expect(streets).to.deep.equal(['North Ada', 'South Ada', 'North Ada', 'South Ada']);
    });

    expect(sent).to.deep.equal([USERS(2), ADDRESSES(2)]);
  });

  it('does not ask again for entities whose relation was loaded before', () => {
    expect((session.get(User, 1) as User).addresses).to.have.length(2);
    const users = session.query(User).orderBy('id').all();

    expect(db.during(() => users.map(({ addresses }) => addresses))).to.deep.equal([ADDRESSES(4)]);
    expect(db.during(() => users.map(({ addresses }) => addresses))).to.deep.equal([]);
  });

  for (const [count, windows] of [
    [256, [256]],
    [257, [256, 1]],
    [600, [256, 256, 128]],
  ] as const) {
    it(`of ${count} entities is loaded in windows of 256: ${windows.length} statements`, () => {
      db.outside.exec(MANY(count));
      const users = session.query(User).orderBy('id').all();
      const sent = db.during(() => {
        for (const { id, addresses } of users) expect(addresses.map((each) => each.id)).to.deep.equal([id]);
      });
      expect(sent).to.deep.equal(windows.map(ADDRESSES));

      const other = db.open();
      const addresses = other.query(Address).orderBy('id').all();
      const back = db.during(() => {
        for (const { id, user } of addresses) expect(user?.id).to.equal(id);
      });
      expect(back).to.deep.equal(windows.map(USERS));
    });
  }

  it('of a new entity is empty or null without a statement, until it is stored', () => {
    const [eve, west] = [new User({ name: 'Eve' }), new Address({ street: 'West' })];

    expect(db.during(() => expect([eve.addresses, west.user]).to.deep.equal([[], null]))).to.deep.equal([]);
    session.add(west);
    session.flush();
    expect(west.user).to.equal(null);
  });

  it('sees what was changed before the touch', () => {
    const [ada, east] = [session.get(User, 1) as User, session.get(Address, 3) as Address];
    east.userId = 1;

    expect(ada.addresses).to.include(east);
    expect(east.user).to.equal(ada);
  });

  it('follows its foreign key when that is changed, from the flush on', () => {
    const [ada, bob, north] = [session.get(User, 1), session.get(User, 2), session.get(Address, 1) as Address];
    expect(north.user).to.equal(ada);
    north.userId = 2;
    session.flush();

    expect(db.during(() => expect(north.user).to.equal(bob))).to.deep.equal([]);
  });

  it('lets each session find its own entities', () => {
    const [one, other] = [session.get(User, 1) as User, db.open().get(User, 1) as User];

    expect(one.addresses[0]).to.not.equal(other.addresses[0]);
    expect(one.addresses[0]?.user).to.equal(one);
    expect(other.addresses[0]?.user).to.equal(other);
  });
});
