import { expect } from 'chai';
import {
  createTables,
  decimal,
  Entity,
  EntityStateError,
  type LocalSession,
  ReadOnlyError,
  read,
  type Session,
} from '../../lib/orm/index.js';
import { mappingOf } from '../../lib/orm/mapping/mapper.js';
import { knownState } from '../../lib/orm/state.js';
import { SCHEMA as ATLAS, Country, Language } from './atlas.js';
import { onEach, type TestDatabase, thrownBy } from './database.js';
import { Address, SCHEMA, User } from './shop.js';

const MANY = (users: number) => `
  delete from "order"; delete from address; delete from user;
  with recursive n (i) as (select 1 union all select i + 1 from n where i < ${users})
    insert into user select i, 'user ' || i, null, i % 7 from n;
  insert into address select id, id, 'street ' || id from user;`;
const USER = 'select "id", "name", "email", "age" from "user"';
const ADDRESSES = /^select "id", "user_id", "street" from "address" where "user_id" in/;

/** How many users and addresses a session holds, asked by their keys through one of them. */
function heldBeside(user: User): number {
  const { session } = knownState(user);
  const ids = Array.from({ length: 5000 }, (_, i) => [i + 1]);
  return [User, Address]
    .map((entity) => mappingOf(entity))
    .reduce((sum, mapping) => sum + ids.filter((key) => session?.find(mapping, key) !== undefined).length, 0);
}

onEach('iterate()', (make) => {
  let db: TestDatabase;
  let session: LocalSession;

  beforeEach(() => {
    db = make(SCHEMA);
    db.outside.exec(MANY(600));
    session = db.open();
  });
  afterEach(() => db.close());

  const inReading = <R>(work: (reading: Session) => R): R => session.call(read(work as never) as never) as R;

  it('goes along the keys in a session that may write, to the last that there was at its beginning', () => {
    const sent = db.during(() => {
      for (const { id } of session.query(User).where('age', '<', 6)) {
        session.add(new User({ id: id + 1000, name: `more ${id}`, age: 1 }));
      }
    });

    expect(sent.filter((sql) => sql.startsWith('select'))).to.deep.equal([
      `${USER} where "age" < ? order by "id" asc limit ?`,
      'select "id" from "user" where "age" < ? order by "id" desc limit ?',
      `${USER} where "age" < ? and "id" > ? and "id" <= ? order by "id" asc limit ?`,
      `${USER} where "age" < ? and "id" > ? and "id" <= ? order by "id" asc limit ?`,
    ]);
    expect(session.query(User).where('id', '>', 1000).count()).to.equal(515);
  });

  it('takes all keys first where an order is given, and a row as it is when its turn comes', () => {
    const found: string[] = [];
    const sent = db.during(() => {
      for (const user of session.query(User).orderBy('age', 'desc').limit(500)) {
        found.push(`${user.age} ${user.name}`);
        if (found.length > 1) continue;
        (session.get(User, 339) as User).name = 'changed';
        session.query(Address).where({ userId: 10 }).one().user = null;
        session.remove(session.get(User, 10) as User);
      }
    });

    expect(
      sent.filter((sql) => sql.includes(' order by ')).map((sql) => sql.replace(/\((\?, )+\?\)/, '(…)')),
    ).to.deep.equal([
      `${USER} order by "age" desc, "id" asc limit ?`,
      'select "id" from "user" order by "age" desc, "id" asc limit ? offset ?',
      `${USER} where "id" in (…) order by "id"`,
    ]);
    expect(found).to.have.length(499);
    expect(found.slice(0, 2)).to.deep.equal(['6 user 6', '6 user 13']);
    expect(found).to.include('3 changed').and.not.include('3 user 10');
  });

  it('goes along keys as they are stored, also where an order of them is another', () => {
    class Price extends Entity('price', { amount: decimal().primaryKey() }) {}
    createTables(session, [Price]);
    for (let i = 0; i < 600; i++) session.add(new Price({ amount: `${i}.5` }));

    expect(new Set([...session.query(Price)].map(({ amount }) => amount)).size).to.equal(600);
    expect([...session.query(Price).orderBy('amount')].map(({ amount }) => amount)).to.deep.equal(
      Array.from({ length: 600 }, (_, i) => `${i}.5`),
    );
    expect(session.query(Price).where('amount', '<', '10').count()).to.equal(10);
  });

  for (const [what, ask] of [
    ['limit and offset along the keys', () => session.query(User).limit(300).offset(10)],
    ['limit and offset in an order', () => session.query(User).orderBy('age').orderBy('id').limit(300).offset(10)],
    ['a limit of one page', () => session.query(User).limit(256)],
    ['a limit of one page in an order', () => session.query(User).orderBy('name').limit(256)],
    ['an offset alone', () => session.query(User).offset(400)],
    ['an offset alone in an order', () => session.query(User).orderBy('name').offset(300)],
    ['nothing', () => session.query(User).where({ id: -1 })],
    ['distinct rows', () => session.query(User).distinct()],
  ] as const) {
    it(`keeps to ${what}`, () => {
      const all = ask()
        .all()
        .map(({ id }) => id);

      expect([...ask()].map(({ id }) => id)).to.deep.equal(all);
      expect(inReading((reading) => [...reading.query(User).limit(3)].length)).to.equal(3);
    });
  }

  for (const [access, run] of [
    ['reads', inReading],
    ['writes', (work: (session: Session) => void) => work(session)],
  ] as const) {
    it(`holds a page and what was loaded through it, however many there are: a session that ${access}`, () => {
      db.outside.exec(MANY(5000));
      const sizes = new Set<number>();
      const sent = db.during(() =>
        run((current) => {
          let count = 0;
          for (const user of current.query(User)) {
            expect(user.addresses[0]?.user).to.equal(user);
            if (++count % 256 === 200) sizes.add(heldBeside(user));
          }
          expect(count).to.equal(5000);
        }),
      );

      expect([...sizes]).to.deep.equal([512]);
      expect(sent.filter((sql) => ADDRESSES.test(sql))).to.have.length(20);
    });
  }

  it('loads ahead for each page', () => {
    const sent = db.during(() => {
      for (const { id, addresses } of session.query(User).with('addresses')) expect(addresses[0]?.id).to.equal(id);
    });

    expect(sent.filter((sql) => ADDRESSES.test(sql))).to.have.length(3);
  });

  it('flushes what has changed before it goes on, and the last page with the session', () => {
    const sent = db.during(() => {
      for (const user of session.query(User)) {
        if (user.id % 100 === 0) user.name = `hundred ${user.id}`;
        if (user.id === 300) user.addresses.pop();
      }
      session.commit();
    });

    expect(sent.filter((sql) => /^update "user"/.test(sql))).to.have.length(6);
    expect(db.rows("select count(*) from user where name like 'hundred %'")).to.deep.equal([[6]]);
    expect(db.rows('select id from address where user_id is null')).to.deep.equal([[300]]);
  });

  it('refuses a change in a session that only reads, before it would be lost', () => {
    expect(
      thrownBy(() =>
        inReading((reading) => {
          for (const user of reading.query(User)) user.name = 'x';
        }),
      ),
    ).to.be.instanceOf(ReadOnlyError);
  });

  describe('lets go of what it brought', () => {
    let first: User;
    let addresses: Address[];

    beforeEach(() => {
      for (const user of session.query(User)) {
        if (user.id === 1) addresses = user.addresses;
        first ??= user;
        if (user.id === 257) break;
      }
    });

    it('which stays readable, as far as it was loaded', () => {
      expect(first).to.include({ id: 1, name: 'user 1' });
      expect(first.addresses).to.equal(addresses);
      expect(addresses.map(({ street }) => street)).to.deep.equal(['street 1']);
    });
    it('where a late change is an error', () => {
      expect(() => (first.name = 'late')).to.throw(TypeError, "Cannot assign to read only property 'name'");
      expect(() => addresses.push(new Address({ street: 'x' }))).to.throw(EntityStateError, 'was let go');
      expect(() => ((addresses[0] as Address).user = null)).to.throw(EntityStateError);
      expect(() => session.remove(first)).to.throw(EntityStateError);
      expect(() => session.refresh(first)).to.throw(EntityStateError);
    });
    it('where a touch of a relation that was not loaded says so', () => {
      const { message } = thrownBy(() => first.orders);

      expect(message).to.equal(
        'User.orders was let go when iterate() moved on, so it is neither loaded nor changed any more. ' +
          'Do so before the next one is asked for, load ahead with with(…), or take what stays from get() or all().',
      );
    });
    it('and that is loaded anew where it is asked for', () => {
      const again = session.get(User, 1) as User;

      expect(again).to.not.equal(first);
      again.name = 'again';
      session.commit();
      expect(db.rows('select name from user where id = 1')).to.deep.equal([['again']]);
    });
    it('and is not restored by a rollback', () => {
      session.rollback();

      expect(Object.isFrozen(first)).to.equal(true);
      expect(() => first.orders).to.throw(EntityStateError);
    });
  });

  it('does not restore what was deleted on the way', () => {
    for (const user of session
      .query(User)
      .where({ id: [1, 2, 3] })
      .with('addresses')) {
      for (const address of user.addresses) session.remove(address);
      session.remove(user);
    }
    session.flush();
    session.rollback();

    expect(session.query(User).count()).to.equal(600);
  });

  describe('keeps', () => {
    const goOn = (each: (user: User) => void) => {
      for (const user of session.query(User)) each(user);
    };

    it('what the session knew before', () => {
      const known = session.get(User, 7) as User;
      const { addresses } = known;
      goOn(() => {});
      known.name = 'still here';
      (addresses[0] as Address).street = 'as well';
      session.commit();

      expect(known.addresses).to.equal(addresses);
      expect(
        db.rows("select street, name from user join address on user_id = user.id where name = 'still here'"),
      ).to.deep.equal([['as well', 'still here']]);
    });
    it('what it came by, without what stood beside it', () => {
      const known = session.get(User, 7) as User;
      goOn(() => {});
      const sent = db.during(() => expect(known.addresses).to.have.length(1));

      expect(sent).to.deep.equal([
        'select "id", "user_id", "street" from "address" where "user_id" in (?) order by "id"',
      ]);
    });
    it('what is got on the way', () => {
      const kept: User[] = [];
      goOn(({ id }) => {
        if (id === 5) kept.push(session.get(User, 5) as User, session.query(User).where({ id: 6 }).one());
      });
      for (const user of kept) user.name += '!';
      session.commit();

      expect(db.rows("select id from user where name like '%!'")).to.deep.equal([[5], [6]]);
    });
    it('what is loaded through relations of what stays, also if it came by', () => {
      const address = session.get(Address, 3) as Address;
      goOn(({ id }) => {
        if (id === 10) expect(address.user?.id).to.equal(3);
      });
      (address.user as User).name = 'kept';
      session.commit();

      expect(db.rows('select name from user where id = 3')).to.deep.equal([['kept']]);
    });
    it('what is added on the way, whose relations to what was let go load anew', () => {
      const added: Address[] = [];
      goOn((user) => {
        if (user.id > 2) return;
        const address = new Address({ street: 'new' });
        address.user = user;
        added.push(session.add(address));
      });

      const owners = added.map(({ user }) => user as User);
      expect(owners.map(({ id }) => id)).to.deep.equal([1, 2]);
      for (const owner of owners) owner.name += '?';
      session.commit();
      expect(db.rows("select id from user where name like '%?'")).to.deep.equal([[1], [2]]);
    });
    it('a collection that came to hold what was let go, loaded anew', () => {
      const heir = session.get(User, 600) as User;
      const { addresses } = heir;
      goOn((user) => {
        if (user.id === 1) for (const address of user.addresses.slice()) address.user = heir;
      });

      expect(addresses).to.have.length(2);
      expect(heir.addresses.map(({ id }) => id)).to.deep.equal([1, 600]);
      (heir.addresses[0] as Address).street = 'moved';
      session.commit();
      expect(db.rows("select user_id from address where street = 'moved'")).to.deep.equal([[600]]);
    });
  });

  it('leaves no relation of what stays with what it let go, on whichever side it was made', () => {
    const atlas = make(`${ATLAS}
      with recursive n (i) as (select 1 union all select i + 1 from n where i < 600) insert into country select 'X' || i, 'country ' || i from n;`);
    try {
      const current = atlas.open();
      const german = current.get(Language, 1) as Language;
      expect(german.countries).to.have.length(3);
      for (const country of current.query(Country).where('code', 'like', 'X%')) {
        if (country.code === 'X1') country.languages.push(german);
        if (country.code === 'X10') german.countries.push(country);
      }

      expect(german.countries.map(({ code }) => code).sort()).to.deep.equal(['AT', 'CH', 'DE', 'X1', 'X10']);
      for (const country of german.countries) country.name += '!';
      current.commit();
      expect(atlas.rows("select code from country where name like '%!' order by code").flat()).to.deep.equal([
        'AT',
        'CH',
        'DE',
        'X1',
        'X10',
      ]);
    } finally {
      atlas.close();
    }
  });

  it('runs inside of another, and each lets go of its own', () => {
    let most = 0;
    let streets = 0;
    for (const user of session.query(User)) {
      for (const { user: same } of session.query(Address).where({ userId: user.id })) {
        expect(same).to.equal(user);
        streets++;
      }
      if (user.id % 256 === 255) most = Math.max(most, heldBeside(user));
    }

    expect(streets).to.equal(600);
    expect(most).to.equal(256 + 255);
  });
});
