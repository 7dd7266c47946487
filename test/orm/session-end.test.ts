import { expect } from 'chai';
import { type LocalSession, openSession, SessionEndedError, sql } from '../../lib/orm/index.js';
import { onEach, type TestDatabase, thrownBy } from './database.js';
import { Address, SCHEMA, User } from './shop.js';

onEach('the end of a session', (make) => {
  let db: TestDatabase;
  let session: LocalSession;

  beforeEach(() => {
    db = make(SCHEMA);
    session = db.open();
  });
  afterEach(() => db.close());

  it('closes the connection, and drops what was not committed', () => {
    (session.get(User, 1) as User).name = 'Grace';
    session.flush();
    session.close();

    expect(db.isOpen(session)).to.equal(false);
    expect(db.rows('select name from user where id = 1')).to.deep.equal([['Ada']]);
    db.outside.exec("update user set name = 'Zoe' where id = 1");
  });

  it('comes with the block of using', () => {
    let kept: LocalSession;
    {
      using own = openSession(db.url);
      kept = own;
      expect(own.query(User).count()).to.equal(4);
    }

    expect(() => kept.query(User).count()).to.throw(SessionEndedError);
  });

  it('may come twice', () => {
    session.close();
    session.close();
    session[Symbol.dispose]();
  });

  it('leaves the columns and what was loaded, and names a relation that is touched and was not', () => {
    const ada = session.get(User, 1) as User;
    const streets = ada.addresses.map(({ street }) => street);
    const east = session.get(Address, 3) as Address;
    session.close();

    expect([ada.name, ada.addresses.map(({ street }) => street)]).to.deep.equal(['Ada', streets]);
    for (const [touched, touch] of [
      ['User.orders', () => ada.orders],
      ['Address.user', () => east.user],
    ] as const) {
      expect(thrownBy(touch))
        .to.be.instanceOf(SessionEndedError)
        .and.include({
          code: 'OFFTHREAD_SESSION_ENDED',
          touched,
          message: `${touched} was touched after its session had ended. Touch it while the unit runs, or load it ahead with with(…).`,
        });
    }
  });

  it('of with() is no loss: what was loaded ahead is there', () => {
    const users = session.query(User).with('addresses.user', 'orders').orderBy('id').all();
    session.close();

    const [ada] = users as [(typeof users)[number]];
    expect(ada.addresses.map(({ user }) => user)).to.deep.equal([ada, ada]);
    expect(ada.orders.map(({ total }) => total)).to.deep.equal([10, 20]);
    expect(users[3]?.addresses).to.deep.equal([]);
  });

  const uses: [what: string, use: (own: LocalSession, user: User) => unknown][] = [
    ['get', (own) => own.get(User, 1)],
    ['a query', (own) => own.query(User).all()],
    ['count', (own) => own.query(User).count()],
    ['iterate', (own) => [...own.query(User)]],
    ['add', (own) => own.add(new User({ name: 'Eve' }))],
    ['remove', (own, user) => own.remove(user)],
    ['refresh', (own, user) => own.refresh(user)],
    ['flush', (own) => own.flush()],
    ['commit', (own) => own.commit()],
    ['rollback', (own) => own.rollback()],
    ['a transaction', (own) => own.transaction(() => 1)],
    ['a savepoint', (own) => own.savepoint(() => 1)],
    ['run', (own) => own.run(sql`select 1`)],
    ['the connection', (own) => own.connection],
  ];
  for (const [what, use] of uses) {
    it(`refuses ${what} afterwards`, () => {
      const ada = session.get(User, 1) as User;
      ada.name = 'Grace';
      session.close();

      expect(thrownBy(() => use(session, ada)))
        .to.be.instanceOf(SessionEndedError)
        .and.include({ touched: 'The session' });
    });
  }
});
