import { expect } from 'chai';
import { type LocalSession, ReadOnlyError, read, type Session, sql, write } from '../../lib/orm/index.js';
import { onEach, type TestDatabase, thrownBy } from './database.js';
import { Address, SCHEMA, User } from './shop.js';

const streets = read((session: Session, id: number): string[] =>
  (session.get(User, id)?.addresses ?? []).map(({ street }) => street),
);
const rename = write((session: Session, id: number, name: string) => {
  const user = session.get(User, id) as User;
  user.name = name;
  return streets(session, id);
});
const names = read(function* (session: Session) {
  for (const user of session.query(User).orderBy('id')) yield user.name;
});
const MANY = `delete from "order"; delete from address; delete from user;
  with recursive n (i) as (select 1 union all select i + 1 from n where i < 600)
    insert into user select i, 'user ' || i, null, i from n;`;

onEach('a unit', (make, dialect) => {
  let db: TestDatabase;
  let session: LocalSession;

  beforeEach(() => {
    db = make(SCHEMA);
    session = db.open();
  });
  afterEach(() => db.close());

  it('is the function that was marked, with the mark where nobody trips over it', () => {
    const plain = (_session: Session, a: number, b = 2) => a + b;

    expect(read(plain)).to.equal(plain);
    expect(Object.keys(plain)).to.deep.equal([]);
    expect([plain.length, plain(session, 1)]).to.deep.equal([2, 3]);
  });

  it('is called as a plain function with any session', () => {
    expect(streets(session, 1)).to.deep.equal(['North', 'South']);
    expect(streets(session, 99)).to.deep.equal([]);
  });

  it('calls another unit with its session, in the same unit of work', () => {
    const answer = session.transaction((own) => {
      const ada = own.get(User, 1) as User;
      const found = rename(own, 1, 'Grace');
      expect(ada.name).to.equal('Grace');
      return found;
    });

    expect(answer).to.deep.equal(['North', 'South']);
    expect(db.rows('select name from user where id = 1')).to.deep.equal([['Grace']]);
  });

  it('that is marked read does not turn a writing session into a reading one', () => {
    session.transaction((own) => {
      streets(own, 1);
      rename(own, 2, 'Rob');
    });

    expect(db.rows('select name from user where id = 2')).to.deep.equal([['Rob']]);
  });

  it('that is a generator gives one after the other', () => {
    const given = names(session);

    expect(given.next()).to.deep.equal({ value: 'Ada', done: false });
    expect([...given]).to.deep.equal(['Bob', 'Cyd', 'Dee']);
  });

  describe('through session.call, as a pool would run it', () => {
    it('answers, and is committed', () => {
      expect(session.call(rename, 1, 'Grace')).to.deep.equal(['North', 'South']);
      expect(session.call(streets, 2)).to.deep.equal(['East']);
      expect(db.rows('select name from user where id = 1')).to.deep.equal([['Grace']]);
    });

    it('is rolled back when it throws', () => {
      const failing = write((own: Session) => {
        rename(own, 1, 'Grace');
        own.flush();
        throw new Error('undo');
      });

      expect(() => session.call(failing)).to.throw('undo');
      expect(db.rows('select name from user where id = 1')).to.deep.equal([['Ada']]);
    });

    const writing: [what: string, work: (own: Session) => void, wrote: string][] = [
      ['changes a column', (own) => ((own.get(User, 1) as User).name = 'Grace'), 'a change of User.name'],
      ['adds', (own) => own.add(new User({ name: 'Eve' })), 'a new User'],
      ['removes', (own) => own.remove(own.get(User, 4) as User), 'the removal of User'],
      [
        'flushes',
        (own) => {
          own.add(new User({ name: 'Eve' }));
          own.flush();
        },
        'a new User',
      ],
      ['changes a collection', (own) => own.get(User, 1)?.addresses.splice(0, 1), 'a change of Address.user'],
      ['changes an owner', (own) => ((own.get(Address, 1) as Address).user = null), 'a change of Address.user'],
      ['writes by SQL', (own) => own.run(sql`update user set name = 'Grace'`), "update user set name = 'Grace'"],
      ['sets a savepoint', (own) => own.savepoint(() => {}), 'a savepoint'],
    ];
    for (const [what, work, wrote] of writing) {
      it(`marked read that ${what} is an error that names it, and nothing is written`, () => {
        const sneaky = read(function sneaky(own: Session) {
          work(own);
        });

        expect(thrownBy(() => session.call(sneaky)))
          .to.be.instanceOf(ReadOnlyError)
          .and.include({
            code: 'OFFTHREAD_READ_ONLY',
            wrote,
            message: `The unit 'sneaky' may only read, but it wrote: ${wrote}. Mark the unit with write() instead of read().`,
          });
        expect(db.rows('select count(*), min(name) from user')).to.deep.equal([[4, 'Ada']]);
        expect(db.rows('select user_id from address where id = 1')).to.deep.equal([[1]]);
        expect(session.call(streets, 1)).to.deep.equal(['North', 'South']);
      });
    }

    it('marked read sees one snapshot from its start to its end, and the next one a newer', () => {
      const twice = read((own: Session) => {
        // On MySQL its start is its first statement.
        if (dialect === 'mysql') own.get(User, 2);
        db.outside.exec("update user set name = 'Grace' where id = 1");
        return own.get(User, 1)?.name;
      });

      expect(session.call(twice)).to.equal('Ada');
      expect(session.call(twice)).to.equal('Grace');
    });

    it('marked read may leave an iteration, begin others inside of it, and query inside of it', () => {
      db.outside.exec(MANY);
      const reading = read((own: Session) => {
        const found: (number | undefined)[] = [];
        const begun = own.query(User).orderBy('id').iterate();
        found.push(begun.next().value?.id);
        for (const outer of own.query(User).orderBy('id').iterate()) {
          if (outer.id % 10 === 1) own.query(User).orderBy('id').iterate().next();
          if (outer.id % 100 === 1) found.push(outer.id, own.query(User).orderBy('id').all().length);
          if (outer.id === 300) break;
        }
        return [...found, begun.next().value?.id];
      });

      expect(session.call(reading)).to.deep.equal([1, 1, 600, 101, 600, 201, 600, 2]);
      session.call(rename, 1, 'Grace');
      expect(db.isInTransaction(session)).to.equal(false);
      expect(db.rows('select name from user where id = 1')).to.deep.equal([['Grace']]);
    });
  });
});
