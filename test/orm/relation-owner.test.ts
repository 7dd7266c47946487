import { expect } from 'chai';
import type { LocalSession } from '../../lib/orm/index.js';
import { onEach, type TestDatabase } from './database.js';
import { Address, SCHEMA, User } from './shop.js';

const INSERT_ADDRESS = 'insert into "address" ("user_id", "street") values (?, ?)';
const INSERT_USER = 'insert into "user" ("name", "email", "age") values (?, ?, ?)';
const MOVE = 'update "address" set "user_id" = ? where "id" = ?';
const OWNERS = 'select street, user_id from address order by id';

onEach('a relation to an owner that is changed', (make) => {
  let db: TestDatabase;
  let session: LocalSession;
  let ada: User;
  let bob: User;

  beforeEach(() => {
    db = make(SCHEMA);
    session = db.open();
    [ada, bob] = session.query(User).orderBy('id').limit(2).all() as [User, User];
  });
  afterEach(() => db.close());

  it('by assigning the owner writes the foreign key', () => {
    const north = session.get(Address, 1) as Address;
    north.user = bob;

    expect(db.during(() => session.commit())).to.deep.equal([MOVE]);
    expect(db.rows(OWNERS)[0]).to.deep.equal(['North', 2]);
    expect([north.userId, north.user]).to.deep.equal([2, bob]);
    expect(db.during(() => session.commit())).to.deep.equal([]);
  });

  for (const [how, move] of [
    ['its key', (address: Address, to: User) => (address.userId = to.id)],
    ['the other side', (address: Address, to: User) => to.addresses.push(address)],
    ['another owner', (address: Address, to: User) => (address.user = to)],
  ] as const) {
    it(`by assigning the owner is done with the flush: what ${how} says afterwards holds`, () => {
      const north = session.get(Address, 1) as Address;
      const cyd = session.get(User, 3) as User;
      north.user = bob;
      session.flush();
      move(north, cyd);
      session.flush();

      expect(db.during(() => session.commit())).to.deep.equal([]);
      expect(db.rows(OWNERS)[0]).to.deep.equal(['North', 3]);
      expect([north.userId, north.user]).to.deep.equal([3, cyd]);
    });
  }

  it('by assigning null writes a null foreign key', () => {
    (session.get(Address, 1) as Address).user = null;
    session.commit();

    expect(db.rows(OWNERS)[0]).to.deep.equal(['North', null]);
  });

  it('by assigning the owner that it has writes nothing, and begins nothing', () => {
    (session.get(Address, 1) as Address).user = ada;

    expect(db.during(() => session.flush())).to.deep.equal([]);
    expect(db.isInTransaction(session)).to.equal(false);
  });

  it('by assigning a new owner stores that first', () => {
    const north = session.get(Address, 1) as Address;
    north.user = new User({ name: 'Eve' });

    expect(db.during(() => session.commit())).to.deep.equal([INSERT_USER, MOVE]);
    expect(db.rows(OWNERS)[0]).to.deep.equal(['North', 5]);
  });

  it('on both sides of something new, stores it once', () => {
    const west = new Address({ street: 'West' });
    west.user = ada;
    ada.addresses.push(west);
    session.add(west);

    expect(db.during(() => session.commit())).to.deep.equal([INSERT_ADDRESS]);
    expect(db.rows('select user_id from address where id = 5')).to.deep.equal([[1]]);
  });

  it('by assigning another owner and taking it out of the former one is one update', () => {
    const [north] = ada.addresses as [Address];
    ada.addresses.splice(0, 1);
    north.user = bob;

    expect(db.during(() => session.commit())).to.deep.equal([MOVE]);
    expect(db.rows(OWNERS)[0]).to.deep.equal(['North', 2]);
  });

  it('on both sides and not alike leaves the sides in step', () => {
    const east = session.get(Address, 3) as Address;
    const eve = session.add(new User({ name: 'Eve' }));
    east.user = ada;
    eve.addresses.push(east);
    session.commit();

    expect(db.rows('select user_id from address where id = 3')).to.deep.equal([[east.userId]]);
    expect(east.user?.id).to.equal(east.userId);
  });

  it('by taking a member out that went to another owner before does not take it from that one', () => {
    const [north] = ada.addresses as [Address];
    north.user = bob;
    session.flush();
    const at = ada.addresses.indexOf(north);
    if (at >= 0) ada.addresses.splice(at, 1);

    expect(db.during(() => session.commit())).to.deep.equal([]);
    expect(db.rows(OWNERS)[0]).to.deep.equal(['North', 2]);
  });
});
