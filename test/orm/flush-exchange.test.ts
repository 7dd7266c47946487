import { expect } from 'chai';
import {
  belongsTo,
  bigint,
  blob,
  DatabaseError,
  Entity,
  hasMany,
  hasOne,
  integer,
  type LocalSession,
  timestamp,
} from '../../lib/orm/index.js';
import { onEach, type TestDatabase } from './database.js';

class Person extends Entity('person', { id: integer().primaryKey() }) {
  declare badge: Badge | null;
  declare seats: Seat[];
  static relations = { badge: hasOne(() => Badge, 'personId'), seats: hasMany(() => Seat, 'personId') };
}
class Badge extends Entity('badge', { id: integer().primaryKey(), personId: integer('person_id').nullable() }) {
  declare person: Person | null;
  static relations = { person: belongsTo(() => Person, 'personId') };
}
class Seat extends Entity('seat', {
  id: integer().primaryKey(),
  place: integer().nullable().unique(),
  at: timestamp().nullable().unique(),
  code: blob().nullable().unique(),
  serial: bigint().nullable().unique(),
  weight: integer(),
  personId: integer('person_id').nullable(),
}) {
  declare person: Person | null;
  static relations = { person: belongsTo(() => Person, 'personId') };
}
const SCHEMA = `
  create table person (id integer primary key);
  create table badge (id integer primary key, person_id integer unique references person (id));
  create table seat (id integer primary key, place integer unique, at text unique, code blob unique, serial integer unique,
    weight integer not null check (weight < 10), person_id integer references person (id));`;

onEach('values of which there may be one only', (make, dialect) => {
  let db: TestDatabase;
  let session: LocalSession;

  beforeEach(() => {
    db = make(
      dialect === 'sqlite'
        ? SCHEMA
        : SCHEMA.replace('at text', 'at datetime(3)')
            .replace('code blob', 'code varbinary(9)')
            .replace('serial integer', 'serial bigint'),
    );
    session = db.open();
  });
  afterEach(() => db.close());
  const twoSeats = (): [Seat, Seat] => {
    const seats = [1, 2].map((i) =>
      session.add(new Seat({ place: i, at: new Date(i), code: Buffer.from([i]), serial: BigInt(i), weight: 1 })),
    );
    session.commit();
    return seats as [Seat, Seat];
  };
  const places = () => db.rows('select place from seat order by id').flat();

  for (const property of ['place', 'at', 'code', 'serial'] as const) {
    it(`are exchanged: ${property}`, () => {
      twoSeats();
      const again = db.open();
      const [a, b] = again.query(Seat).orderBy('id').all() as [Seat, Seat];
      const [first, second] = [a[property], b[property]];
      Object.assign(a, { [property]: second });
      Object.assign(b, { [property]: first });
      again.commit();
      again.refresh(a);
      expect(a[property]).to.deep.equal(second);
    });
  }

  it('go from one who gets a new parent to one who is new', () => {
    const [seat] = twoSeats();
    seat.place = 3;
    seat.person = new Person();
    session.add(new Seat({ place: 1, weight: 1 }));
    session.commit();
    expect(places()).to.deep.equal([3, 2, 1]);
  });

  it('go from one who changes to one who is new without a statement more', () => {
    const [seat] = twoSeats();
    seat.place = 3;
    session.add(new Seat({ place: 1, weight: 1 }));
    expect(db.during(() => session.commit())).to.have.length(2);
  });

  it('are the places of a hasOne too: the former goes to a new parent', () => {
    const person = session.add(new Person());
    const [first, second] = [session.add(new Badge({})), session.add(new Badge({}))];
    person.badge = first;
    session.commit();
    person.badge = second;
    session.add(new Person()).badge = first;
    session.commit();
    const ownerOf = ({ id }: Badge) => db.rows(`select person_id from badge where id = ${id}`);
    expect([ownerOf(first), ownerOf(second)]).to.deep.equal([[[2]], [[1]]]);
  });

  it('are written by the next flush where the exchange was refused half-way, and taken back', () => {
    const [a, b] = twoSeats();
    [a.place, b.place] = [2, 1];
    b.weight = 99;
    expect(() => session.flush()).to.throw(DatabaseError);
    [a.place, b.place] = [1, 2];
    b.weight = 1;
    session.commit();
    expect(places()).to.deep.equal([1, 2]);
  });
});
