import { expect } from 'chai';
import type { LocalSession } from '../../lib/orm/index.js';
import { onEach, type TestDatabase } from './database.js';
import { Address, type Order, SCHEMA, User } from './shop.js';

const INSERT_ADDRESS = 'insert into "address" ("user_id", "street") values (?, ?)';
const INSERT_USER = 'insert into "user" ("name", "email", "age") values (?, ?, ?)';
const MOVE = 'update "address" set "user_id" = ? where "id" = ?';
const OWNERS = 'select street, user_id from address order by id';

onEach('a collection that is changed', (make) => {
  let db: TestDatabase;
  let session: LocalSession;
  let ada: User;

  beforeEach(() => {
    db = make(SCHEMA);
    session = db.open();
    ada = session.get(User, 1) as User;
  });
  afterEach(() => db.close());

  it('by push stores a new member with the foreign key, and the member knows its owner', () => {
    const west = new Address({ street: 'West' });
    ada.addresses.push(west);

    expect(db.during(() => session.commit())).to.deep.equal([INSERT_ADDRESS]);
    expect(db.rows('select street, user_id from address where id = 5')).to.deep.equal([['West', 1]]);
    expect(west.userId).to.equal(1);
    expect(db.during(() => expect(west.user).to.equal(ada))).to.deep.equal([]);
    expect(ada.addresses.map(({ street }) => street)).to.deep.equal(['North', 'South', 'West']);
    expect(db.during(() => session.commit())).to.deep.equal([]);
  });

  it('by assignment takes as many members as there are', () => {
    const many = Array.from({ length: 200_000 }, (_, i) => new Address({ street: `${i}` }));
    const eve = new User({ name: 'Eve' });
    eve.addresses = many;
    expect(eve.addresses).to.have.length(200_000);
    expect(many[199_999]?.user).to.equal(eve);
    // biome-ignore lint/correctness/noSelfAssign: it is read and set
    eve.addresses = eve.addresses;
    expect(eve.addresses).to.have.length(200_000);
  });

  it('by push on a new owner stores the owner first, then its members in their order', () => {
    const eve = new User({ name: 'Eve' });
    eve.addresses.push(new Address({ street: 'West' }), new Address({ street: 'Centre' }));
    session.add(eve);

    expect(db.during(() => session.commit())).to.deep.equal([INSERT_USER, INSERT_ADDRESS, INSERT_ADDRESS]);
    expect(db.rows('select id, street, user_id from address where id > 4')).to.deep.equal([
      [5, 'West', 5],
      [6, 'Centre', 5],
    ]);
  });

  it('by assignment on a new owner stores the members', () => {
    const eve = session.add(new User({ name: 'Eve' }));
    eve.addresses = [new Address({ street: 'West' })];
    session.commit();

    expect(db.rows('select street, user_id from address where id > 4')).to.deep.equal([['West', 5]]);
  });

  it('by splice lets the member go, with a null foreign key and no owner', () => {
    const [north] = ada.addresses.splice(0, 1) as [Address];

    expect(db.during(() => session.commit())).to.deep.equal([MOVE]);
    expect(db.rows(OWNERS)[0]).to.deep.equal(['North', null]);
    expect([north.userId, north.user]).to.deep.equal([null, null]);
    expect(db.during(() => session.commit())).to.deep.equal([]);
  });

  it('by splice lets no member go whose foreign key cannot be null', () => {
    ada.orders.splice(0, 1);

    expect(() => session.commit()).to.throw(
      TypeError,
      'Order.userId takes a value: the column is not nullable(), not null.',
    );
    expect(db.rows('select count(*) from "order" where user_id = 1')).to.deep.equal([[2]]);
  });

  it('by splice and remove deletes the member', () => {
    session.remove(ada.orders.splice(0, 1)[0] as Order);

    expect(db.during(() => session.commit())).to.deep.equal(['delete from "order" where "id" = ?']);
    expect(ada.orders.map(({ id }) => id)).to.deep.equal([2]);
  });

  it('by remove alone is without the member from the flush on, and has it again after a rollback', () => {
    const { addresses } = ada;
    const [north, south] = addresses as [Address, Address];
    session.remove(north);
    session.flush();
    expect(ada.addresses).to.equal(addresses);
    expect(addresses).to.deep.equal([south]);
    expect(db.during(() => session.flush())).to.deep.equal([]);

    session.rollback();
    expect(ada.addresses).to.deep.equal([north, south]);
  });

  it('by assignment takes what is new and lets go what is missing', () => {
    const [, south] = ada.addresses;
    const nowhere = session.get(Address, 4) as Address;
    ada.addresses = [south as Address, nowhere, new Address({ street: 'West' })];
    session.commit();

    expect(db.rows(OWNERS)).to.deep.equal([
      ['North', null],
      ['South', 1],
      ['East', 2],
      ['Nowhere', 1],
      ['West', 1],
    ]);
    expect(nowhere.user).to.equal(ada);
  });

  it('by assignment without a touch before still lets go what is missing', () => {
    ada.addresses = [];
    session.commit();

    expect(db.rows(OWNERS).slice(0, 2)).to.deep.equal([
      ['North', null],
      ['South', null],
    ]);
  });

  it('by another order alone writes nothing', () => {
    ada.addresses.reverse();

    expect(db.during(() => session.commit())).to.deep.equal([]);
  });

  it('by taking a member out and in again writes nothing', () => {
    ada.addresses.push(...ada.addresses.splice(0, 1));

    expect(db.during(() => session.commit())).to.deep.equal([]);
  });

  it('by the same member twice stores it once', () => {
    const west = new Address({ street: 'West' });
    ada.addresses.push(west, west);

    expect(db.during(() => session.commit())).to.deep.equal([INSERT_ADDRESS]);
  });

  describe('of very many', () => {
    const streetsOf = (id: number) =>
      db.rows(`select street from address where user_id = ${id} order by id`).map(([street]) => street);
    let all: Address[];
    beforeEach(() => {
      ada.addresses = [];
      for (let i = 0; i < 200; i++) {
        const address = new Address({ street: `street ${i}` });
        if (i % 3 === 0) session.add(address).user = ada;
        else ada.addresses.push(address);
      }
      all = [...ada.addresses];
      session.flush();
    });

    it('has each once, from whichever side it came', () => {
      ada.addresses.push(...all.slice(50, 60));
      (all[3] as Address).user = ada;
      session.commit();

      expect(all.map(({ street }) => street)).to.deep.equal(Array.from({ length: 200 }, (_, i) => `street ${i}`));
      expect(ada.addresses).to.deep.equal(all);
      expect(streetsOf(1)).to.deep.equal(all.map(({ street }) => street));
    });

    it('lets go what was taken out by its index, and takes it again when it is pushed', () => {
      const [first, second] = all as [Address, Address];
      ada.addresses[0] = new Address({ street: 'new' });
      ada.addresses[1] = new Address({ street: 'newer' });
      ada.addresses.push(second);
      session.commit();

      expect(first.userId).to.equal(null);
      expect(second.userId).to.equal(1);
      expect(ada.addresses.map(({ street }) => street).slice(-2)).to.deep.equal(['street 199', 'street 1']);
      expect(streetsOf(1)).to.have.members(ada.addresses.map(({ street }) => street));
    });

    it('follows the other side, to another owner and back', () => {
      const bob = session.get(User, 2) as User;
      for (const address of all.slice(10, 150)) address.user = bob;
      for (const address of all.slice(20, 30)) ada.addresses.push(address);
      session.commit();

      expect(ada.addresses).to.deep.equal([...all.slice(0, 10), ...all.slice(150), ...all.slice(20, 30)]);
      expect(streetsOf(2)).to.deep.equal(bob.addresses.map(({ street }) => street));
      expect(streetsOf(2)).to.have.length(131);
    });

    it('may be emptied by its length, and filled again', () => {
      ada.addresses.length = 0;
      ada.addresses.push(all[7] as Address);
      session.commit();

      expect(streetsOf(1)).to.deep.equal(['street 7']);
    });
  });
});
