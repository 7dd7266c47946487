import { expect } from 'chai';
import { DatabaseError, EntityStateError, type LocalSession, type Session } from '../../lib/orm/index.js';
import { onEach, type TestDatabase, thrownBy } from './database.js';
import { SCHEMA, User } from './shop.js';

onEach('session.transaction', (make, dialect) => {
  let db: TestDatabase;
  let session: LocalSession;
  let ada: User;
  const names = () => db.rows('select name from user order by id').flat().join(' ');

  beforeEach(() => {
    db = make(SCHEMA);
    session = db.open();
    ada = session.get(User, 1) as User;
  });
  afterEach(() => db.close());

  it('commits when the function returns, and answers with what it returned', () => {
    const answer = session.transaction((own) => {
      (own.get(User, 2) as User).name = 'Rob';
      own.add(new User({ name: 'Eve' }));
      return 'done';
    });

    expect(answer).to.equal('done');
    expect(names()).to.equal('Ada Rob Cyd Dee Eve');
  });

  it('rolls back when the function throws, and throws the error itself', () => {
    const error = new Error('undo');
    const thrown = thrownBy(() =>
      session.transaction((own) => {
        own.add(new User({ name: 'Eve' }));
        own.flush();
        throw error;
      }),
    );

    expect(thrown).to.equal(error);
    expect(names()).to.equal('Ada Bob Cyd Dee');
  });

  it('rolls back when its last flush is refused, with an error in our words', () => {
    const thrown = thrownBy(() =>
      session.transaction((own) => {
        own.add(new User({ name: 'Eve' }));
        own.add(new User({ name: 'Bob' }));
      }),
    );

    expect(thrown).to.be.instanceOf(DatabaseError).and.include({ kind: 'unique' });
    expect(names()).to.equal('Ada Bob Cyd Dee');
    session.transaction((own) => void own.add(new User({ name: 'Flo' })));
    expect(names()).to.equal('Ada Bob Cyd Dee Flo');
  });

  // MySQL looks at every key at once, and refuses no COMMIT.
  if (dialect === 'sqlite')
    it('rolls back when the COMMIT is refused', () => {
      db.outside.exec(`create table later (id integer primary key,
      user_id integer references user (id) deferrable initially deferred)`);
      const thrown = thrownBy(() =>
        session.transaction((own) => {
          own.add(new User({ name: 'Eve' }));
          (own.connection as { exec(text: string): void }).exec('insert into later values (1, 99)');
        }),
      );

      expect(thrown).to.be.instanceOf(DatabaseError).and.include({ kind: 'foreign-key' });
      expect(names()).to.equal('Ada Bob Cyd Dee');
      session.transaction((own) => void own.add(new User({ name: 'Flo' })));
      expect(names()).to.equal('Ada Bob Cyd Dee Flo');
    });

  it('commits first what the session has changed, which a rollback then leaves', () => {
    ada.name = 'Grace';
    expect(() =>
      session.transaction((own) => {
        expect(own.get(User, 1)?.name).to.equal('Grace');
        (own.get(User, 1) as User).name = 'Zoe';
        throw new Error('undo');
      }),
    ).to.throw('undo');

    expect(names()).to.equal('Grace Bob Cyd Dee');
    expect(ada.name).to.equal('Grace');
  });

  it('knows nothing of the entities of the session, nor the session of its', () => {
    const inside = session.transaction((own) => {
      const user = own.get(User, 1) as User;
      expect(user).to.not.equal(ada);
      user.age = 99;
      expect(thrownBy(() => own.remove(ada))).to.include({ code: 'OFFTHREAD_ENTITY_STATE' });
      return user;
    });

    expect(session.get(User, 1)).to.equal(ada);
    expect(ada.age).to.equal(36);
    expect(thrownBy(() => session.remove(inside))).to.include({ code: 'OFFTHREAD_ENTITY_STATE' });
  });

  it('ends with its function: what it gave out does not load any more', () => {
    let kept!: Session;
    const user = session.transaction((own) => {
      kept = own;
      return own.get(User, 1) as User;
    });

    expect(user.name).to.equal('Ada');
    expect(() => user.addresses).to.throw('User.addresses was touched after its session had ended.');
    expect(() => kept.get(User, 1)).to.throw('The session was touched after its session had ended.');
  });

  it('refuses a function that returns a promise, and rolls back', () => {
    const asked = () =>
      session.transaction(((own: Session) => {
        own.add(new User({ name: 'Eve' }));
        return Promise.reject(new Error('unheard'));
      }) as never);

    expect(thrownBy(asked)).to.include({
      code: 'OFFTHREAD_PROMISE_RESULT',
      message:
        'The transaction returned a promise, so its work was rolled back. It is synchronous by design: remove async, and await outside of it.',
    });
    expect(names()).to.equal('Ada Bob Cyd Dee');
  });

  it('holds savepoints', () => {
    session.transaction((own) => {
      own.add(new User({ name: 'Eve' }));
      expect(() =>
        own.savepoint(() => {
          own.add(new User({ name: 'Flo' }));
          throw new Error('undo');
        }),
      ).to.throw('undo');
    });

    expect(names()).to.equal('Ada Bob Cyd Dee Eve');
  });

  const ends: [verb: string, end: (own: LocalSession) => void][] = [
    ['commit or begin', (own) => own.transaction(() => {})],
    ['commit or begin', (own) => own.commit()],
    ['roll back', (own) => own.rollback()],
  ];
  for (const [verb, end] of ends) {
    it(`is not cut in halves by the session around it: ${end.toString().replace('(own) => own', 'session')} in it`, () => {
      expect(() =>
        session.transaction((own) => {
          own.add(new User({ name: 'Eve' }));
          own.flush();
          expect(() => end(session)).to.throw(
            EntityStateError,
            `The session cannot ${verb} inside of transaction(fn) or call(unit), which have a session of their own. ` +
              'Use the session that the function was given, and its savepoint(fn).',
          );
          throw new Error('undo');
        }),
      ).to.throw('undo');

      expect(names()).to.equal('Ada Bob Cyd Dee');
      session.commit();
    });
  }

  it('refuses a generator, of which nothing would run', () => {
    const lazy = function* (own: Session) {
      yield own.add(new User({ name: 'Eve' }));
    } as unknown as (own: Session) => void;

    expect(() => session.transaction(lazy)).to.throw(EntityStateError, 'The transaction returned a generator');
  });

  it('refuses the session around it in it, whose entities would not know what becomes of them', () => {
    const ada = session.get(User, 1) as User;
    for (const use of [
      () => session.flush(),
      () => session.get(User, 2),
      () => session.add(new User({ name: 'Eve' })),
      () => ada.addresses,
    ])
      expect(() => session.transaction(use as () => void)).to.throw(
        EntityStateError,
        'The session cannot be used inside',
      );
    expect(ada.addresses).to.have.length(2);
  });
});
