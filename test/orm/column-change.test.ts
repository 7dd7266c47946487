import { expect } from 'chai';
import type { LocalSession } from '../../lib/orm/index.js';
import { onEach, type TestDatabase } from './database.js';
import { asStored, Maybe, type Property, SCHEMAS, Value } from './value.js';

const update = (property: Property) => `update "value" set "${property}" = ? where "id" = ?`;

onEach('a change of a column', (make, dialect) => {
  let db: TestDatabase;
  let session: LocalSession;
  let value: Value;

  beforeEach(() => {
    db = make(SCHEMAS[dialect]);
    const filled = db.open();
    filled.add(
      new Value({
        whole: 1,
        big: 2n,
        ratio: 0.5,
        words: 'a',
        flag: true,
        data: { list: [1, 2] },
        bytes: Buffer.from('abc'),
        price: '1.5',
        spot: { x: 1, y: 2 },
      }),
    );
    filled.commit();
    session = db.open();
    value = session.get(Value, 1) as Value;
  });
  afterEach(() => db.close());

  const inPlace: [property: Property, change: (value: Value) => void, stored: unknown][] = [
    ['data', ({ data }) => (data as { list: number[] }).list.push(3), '{"list":[1,2,3]}'],
    ['bytes', ({ bytes }) => bytes.write('x', 1), Buffer.from('axc')],
    ['at', ({ at }) => at.setUTCFullYear(1999), '1999-01-01 00:00:00.000'],
    ['spot', ({ spot }) => (spot.x = 7), '7 2'],
  ];
  for (const [property, change, stored] of inPlace) {
    it(`of ${property} is noticed when it was made in place, once`, () => {
      change(value);

      expect(db.during(() => session.commit())).to.deep.equal([update(property)]);
      expect(db.rows(`select ${asStored(property)} from value`)).to.deep.equal([[stored]]);
      expect(db.during(() => session.commit())).to.deep.equal([]);
    });

    it(`of ${property} in place is noticed too after the flush that inserted it`, () => {
      const added = session.add(new Value({ data: { list: [1, 2] }, bytes: Buffer.from('abc'), spot: { x: 1, y: 2 } }));
      session.flush();
      change(added);

      expect(db.during(() => session.commit())).to.deep.equal([update(property)]);
      expect(db.rows(`select ${asStored(property)} from value where id = 2`)).to.deep.equal([[stored]]);
    });
  }

  const equal: [property: Property, value: unknown][] = [
    ['whole', 1],
    ['big', 2n],
    ['ratio', 0.5],
    ['words', 'a'],
    ['flag', true],
    ['at', new Date(0)],
    ['data', { list: [1, 2] }],
    ['bytes', Buffer.from('abc')],
    ['day', '2000-01-01'],
    ['price', '1.5'],
    ['price', '1.50'],
    ['cents', '0.00'],
    ['token', '00000000-0000-4000-8000-000000000000'],
    ['spot', { x: 1, y: 2 }],
  ];
  for (const [property, same] of equal) {
    it(`of ${property} to an equal value, ${JSON.stringify(same, (_, each) => (typeof each === 'bigint' ? `${each}n` : each))}, writes nothing`, () => {
      Object.assign(value, { [property]: same });

      expect(db.during(() => session.commit())).to.deep.equal([]);
    });
  }

  it('writes only the columns that changed, in one statement', () => {
    value.words = 'b';
    value.flag = false;

    expect(db.during(() => session.commit())).to.deep.equal([
      'update "value" set "words" = ?, "flag" = ? where "id" = ?',
    ]);
    expect(db.rows('select whole, words, flag from value')).to.deep.equal([[1, 'b', 0]]);
  });

  it('that is taken back before the flush writes nothing', () => {
    value.words = 'b';
    value.words = 'a';
    (value.data as { list: number[] }).list.push(3);
    (value.data as { list: number[] }).list.pop();

    expect(db.during(() => session.commit())).to.deep.equal([]);
  });

  it('to null and back is written where the column is nullable', () => {
    const maybe = session.get(Maybe, 1) as Maybe;
    maybe.data = null;
    maybe.at = null;
    maybe.bytes = null;
    session.commit();
    expect(db.rows('select data, at, bytes from value')).to.deep.equal([[null, null, null]]);

    maybe.data = { back: true };
    session.commit();
    expect(db.rows(`select ${asStored('data')}, at, bytes from value`)).to.deep.equal([['{"back":true}', null, null]]);
  });
});
