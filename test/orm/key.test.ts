import { expect } from 'chai';
import { DatabaseError, EntityStateError, type LocalSession } from '../../lib/orm/index.js';
import { onEach, quoted, type TestDatabase, thrownBy } from './database.js';
import { Country, File, Ledger, Moment, SCHEMA, Seat, Ticket } from './key.js';
import { SCHEMA as SHOP, User } from './shop.js';

onEach('a primary key', (make, dialect) => {
  let db: TestDatabase;
  let session: LocalSession;

  beforeEach(() => {
    db = make(SCHEMA + SHOP);
    session = db.open();
  });
  afterEach(() => db.close());

  it('that is left out is generated, and known after the flush', () => {
    const [eve, flo] = [session.add(new User({ name: 'Eve' })), session.add(new User({ name: 'Flo' }))];
    expect([eve.id, flo.id]).to.deep.equal([undefined, undefined]);

    expect(db.during(() => session.flush())).to.deep.equal(
      new Array(2).fill('insert into "user" ("name", "email", "age") values (?, ?, ?)'),
    );
    expect([eve.id, flo.id]).to.deep.equal([5, 6]);
  });

  it('that is given is kept', () => {
    const eve = session.add(new User({ id: 70, name: 'Eve' }));

    expect(db.during(() => session.commit())).to.deep.equal([
      'insert into "user" ("id", "name", "email", "age") values (?, ?, ?, ?)',
    ]);
    expect(eve.id).to.equal(70);
    expect(db.open().get(User, 70)?.name).to.equal('Eve');
  });

  it('is a bigint where its column is, also when it was generated', () => {
    const ledger = session.add(new Ledger({ title: 'a' }));
    session.flush();

    expect(ledger.id).to.equal(1n);
  });

  it('is generated also where there is no other column', () => {
    const ticket = session.add(new Ticket({}));

    expect(db.during(() => session.flush())).to.deep.equal([
      `insert into "ticket" ${dialect === 'sqlite' ? 'default values' : 'values ()'}`,
    ]);
    expect(ticket.id).to.equal(1);
  });

  it('of text is given, and an error where it is left out', () => {
    session.add(new Country({ code: 'FR', name: 'France' }));
    session.commit();
    expect(db.open().get(Country, 'FR')?.name).to.equal('France');
    expect(db.open().get(Country, 'fr')).to.equal(undefined);

    session.add(new Country({ name: 'Nowhere' } as never));
    expect(() => session.commit()).to.throw(
      TypeError,
      'Country.code takes a value: the column is not nullable(), not undefined.',
    );
  });

  it('of bigints tells 2^53 and 2^53 + 1 apart', () => {
    session.add(new Ledger({ id: 2n ** 53n, title: 'even' }));
    session.add(new Ledger({ id: 2n ** 53n + 1n, title: 'odd' }));
    session.commit();

    const other = db.open();
    const [even, odd] = [other.get(Ledger, 2n ** 53n), other.get(Ledger, 2n ** 53n + 1n)];
    expect([even?.title, odd?.title]).to.deep.equal(['even', 'odd']);
    expect(other.query(Ledger).orderBy('id').all()).to.deep.equal([even, odd]);
    (odd as Ledger).title = 'changed';
    other.commit();
    expect(db.rows('select title from ledger order by id')).to.deep.equal([['even'], ['changed']]);
  });

  it('of bigints is one object, whether the database gives the key as a number or as a bigint', () => {
    session.add(new Ledger({ id: 7n, title: 'small' }));
    session.add(new Ledger({ id: 2n ** 60n, title: 'large' }));
    session.commit();

    const other = db.open();
    const small = other.get(Ledger, 7n);
    const all = other.query(Ledger).orderBy('id').all();
    expect(all[0]).to.equal(small);
    expect(all.map(({ id }) => id)).to.deep.equal([7n, 2n ** 60n]);
  });

  it('of several columns is an array, in the order of the columns', () => {
    session.add(new Seat({ row: 'A', number: 1 }));
    session.add(new Seat({ row: 'A', number: 12 }));
    session.add(new Seat({ row: 'A1', number: 2 }));
    session.commit();

    const other = db.open();
    const seat = other.get(Seat, ['A1', 2]) as Seat;
    expect([seat.row, seat.number]).to.deep.equal(['A1', 2]);
    expect(other.get(Seat, ['A', 12])).to.not.equal(seat);
    expect(other.query(Seat).where({ row: 'A1', number: 2 }).one()).to.equal(seat);
    expect(other.get(Seat, ['A', 2])).to.equal(undefined);
    seat.taken = 1;
    expect(db.during(() => other.flush())).to.deep.equal([
      'update "seat" set "taken" = ? where "row" = ? and "seat_number" = ?',
    ]);
    other.remove(seat);
    expect(db.during(() => other.commit())).to.deep.equal(['delete from "seat" where "row" = ? and "seat_number" = ?']);
    expect(db.rows('select "row", seat_number, taken from seat')).to.deep.equal([
      ['A', 1, 0],
      ['A', 12, 0],
    ]);
  });

  it('may be a moment or bytes, which are the same where they are equal', () => {
    session.add(new Moment({ at: new Date(5), what: 'x' }));
    session.add(new File({ digest: Buffer.from([1, 2]), path: 'p' }));
    session.commit();

    const other = db.open();
    const [moment, file] = [other.get(Moment, new Date(5)), other.get(File, Buffer.from([1, 2]))];
    expect([moment?.what, file?.path]).to.deep.equal(['x', 'p']);
    expect(db.during(() => other.get(Moment, new Date(5)))).to.deep.equal([]);
    expect(other.query(Moment).one()).to.equal(moment);
    expect(other.query(File).one()).to.equal(file);
  });

  const misused: [what: string, use: (session: LocalSession) => unknown, message: string][] = [
    [
      'too few values',
      (own) => own.get(Seat, 'A'),
      "The key of Seat takes 2 values, in an array for row, number, not 'A'.",
    ],
    ['too many values', (own) => own.get(User, [1, 2]), 'The key of User takes a value for id, not an array of 2.'],
    ['text for a number', (own) => own.get(User, '1'), "User.id takes a safe integer, not '1'."],
    ['a number for text', (own) => own.get(Country, 1), 'Country.code takes a string, not 1.'],
    ['a number for a bigint', (own) => own.get(Ledger, 1), 'Ledger.id takes a bigint, not 1.'],
    [
      'nothing',
      (own) => own.get(User, undefined as never),
      'User.id takes a value: the column is not nullable(), not undefined.',
    ],
  ];
  for (const [what, use, message] of misused) {
    it(`is refused as ${what}`, () => {
      expect(thrownBy(() => use(session)))
        .to.be.instanceOf(TypeError)
        .and.include({ message, code: 'OFFTHREAD_VALUE' });
    });
  }

  it('cannot be changed', () => {
    const ada = session.get(User, 1) as User;
    ada.id = 9;

    expect(thrownBy(() => session.commit()))
      .to.be.instanceOf(EntityStateError)
      .and.include({
        code: 'OFFTHREAD_ENTITY_STATE',
        message: 'User.id is a key and cannot be changed. Add a new entity and remove this one.',
      });
  });

  it('that is taken already is an error of the database, of the kind unique', () => {
    session.add(new User({ id: 1, name: 'Eve' }));

    expect(thrownBy(() => session.commit()))
      .to.be.instanceOf(DatabaseError)
      .and.include({
        kind: 'unique',
        sql: quoted('insert into "user" ("id", "name", "email", "age") values (?, ?, ?, ?)', dialect),
      });
  });
});
