import { expect } from 'chai';
import { type LocalSession, ReadOnlyError, read, type Session, StaleEntityError } from '../../lib/orm/index.js';
import { onEach, type TestDatabase, thrownBy } from './database.js';
import { SCHEMA, User } from './shop.js';

const USER = 'select "id", "name", "email", "age" from "user"';

onEach('a lock for update', (make, dialect) => {
  let db: TestDatabase;
  let session: LocalSession;

  beforeEach(() => {
    db = make(SCHEMA);
    if (dialect === 'sqlite') db.outside.exec('pragma busy_timeout = 0');
    session = db.open();
  });
  afterEach(() => db.close());

  type Case = [what: string, lock: (session: Session) => User | undefined, sql: string];
  const cases: Case[] = [
    ['get()', (current) => current.get(User, 1, { lock: 'update' }), `${USER} where "id" = ?`],
    [
      'query()',
      (current) => current.query(User).where({ id: 1 }).forUpdate().first(),
      `${USER} where "id" = ? limit ?`,
    ],
    [
      'iterate()',
      (current) => [...current.query(User).where({ id: 1 }).forUpdate()][0],
      `${USER} where "id" = ? order by "id" asc limit ?`,
    ],
  ];
  for (const [what, lock, sql] of cases) {
    describe(`by ${what}`, () => {
      it('keeps other writers out until the transaction ends', () => {
        const sent = db.during(() => lock(session));

        expect(sent.at(-1)).to.equal(dialect === 'sqlite' ? sql : `${sql} for update`);
        expect(() => db.outside.exec('update user set age = 1 where id = 1')).to.throw(
          dialect === 'sqlite' ? 'database is locked' : 'Lock wait timeout exceeded',
        );
        session.rollback();
        db.outside.exec('update user set age = 1');
      });

      it('reads again what the session knew before', () => {
        const ada = session.get(User, 1) as User;
        db.outside.exec('update user set age = 40 where id = 1');

        expect(lock(session)).to.equal(ada);
        expect(ada.age).to.equal(40);
        expect(db.during(() => session.flush())).to.deep.equal([]);
      });

      it('loses no update: what is added up under it adds up', () => {
        const ada = session.get(User, 1) as User;
        for (let i = 0; i < 3; i++) {
          db.outside.exec('update user set age = age + 1 where id = 1');
          const locked = lock(session) as User;
          locked.age = (locked.age as number) + 1;
          session.commit();
        }

        expect(ada.age).to.equal(42);
        expect(db.rows('select age from user where id = 1')).to.deep.equal([[42]]);
      });

      it('is refused in a session that only reads', () => {
        expect(thrownBy(() => session.call(read((reading: Session) => lock(reading)?.name))))
          .to.be.instanceOf(ReadOnlyError)
          .and.include({ wrote: 'a lock of User' });
      });

      it('knows nothing of a row that is not there', () => {
        db.force('delete from user where id = 1');

        expect(lock(session)).to.equal(undefined);
      });
    });
  }

  it('by get() keeps unsaved changes where the row is as it was', () => {
    const ada = session.get(User, 1) as User;
    ada.name = 'Grace';

    expect(session.get(User, 1, { lock: 'update' })).to.equal(ada);
    expect(ada.name).to.equal('Grace');
  });

  it('by get() refuses unsaved changes of what is not so any more', () => {
    (session.get(User, 1) as User).age = 37;
    db.outside.exec('update user set age = 40 where id = 1');

    expect(thrownBy(() => session.get(User, 1, { lock: 'update' })))
      .to.be.instanceOf(StaleEntityError)
      .and.include({ entity: 'User', key: '1', found: 'changed' });
  });

  it('by get() tells that a row is gone which the session knew', () => {
    session.get(User, 4);
    db.outside.exec('delete from user where id = 4');

    expect(thrownBy(() => session.get(User, 4, { lock: 'update' })))
      .to.be.instanceOf(StaleEntityError)
      .and.include({ key: '4', found: 'gone' });
  });

  it('of another kind is refused', () => {
    expect(() => session.get(User, 1, { lock: 'share' as 'update' })).to.throw(
      TypeError,
      "lock takes 'update', not 'share'.",
    );
  });
});
