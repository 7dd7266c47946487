import { expect } from 'chai';
import { CallError, type LocalSession, pick } from '../../lib/orm/index.js';
import { SCHEMA as ATLAS, Country } from './atlas.js';
import { onEach, type TestDatabase } from './database.js';
import { SCHEMA, User } from './shop.js';

onEach('pick', (make) => {
  let db: TestDatabase;
  let session: LocalSession;
  afterEach(() => db.close());

  describe('of users', () => {
    beforeEach(() => {
      db = make(SCHEMA);
      session = db.open();
    });

    it('answers with the columns, getters and relations that it names, and nothing else', () => {
      const ada = session.get(User, 1);
      const picked = pick(ada, { name: true, label: true, addresses: { street: true } });

      expect(picked).to.deep.equal({
        name: 'Ada',
        label: 'Ada (2)',
        addresses: [{ street: 'North' }, { street: 'South' }],
      });
      expect(Object.getPrototypeOf(picked)).to.equal(Object.prototype);
    });

    it('loads the relations of many with one statement', () => {
      const users = session.query(User).all();

      expect(db.during(() => pick(users, { id: true, addresses: { id: true } }))).to.have.length(1);
    });

    it('takes the columns of a relation that is only named, and none of its relations', () => {
      const [north] = pick(session.get(User, 1), { addresses: true })?.addresses ?? [];

      expect(north).to.deep.equal({ id: 1, userId: 1, street: 'North' });
      expect(Object.getPrototypeOf(north)).to.equal(Object.prototype);
    });

    it('answers nothing for nothing', () => {
      expect(pick(session.get(User, 99), { name: true })).to.equal(undefined);
      expect(pick(null, {} as never)).to.equal(null);
      expect(pick([], { name: true } as never)).to.deep.equal([]);
    });

    it('refuses what is not there, and what cannot be sent', () => {
      const ada = session.get(User, 1);

      expect(() => pick(ada, { nam: true } as never)).to.throw(
        CallError,
        "pick(): User has no property 'nam'. Did you mean 'name'?",
      );
      expect(() => pick(ada, { rename: true } as never)).to.throw(TypeError, 'pick(): User.rename takes a column');
      expect(() => pick(ada, { name: false } as never)).to.throw(TypeError, 'pick(): User.name takes true');
      for (const [given, told] of [
        [undefined, 'undefined'],
        [['name'], 'an array of 1'],
        [5, '5'],
      ])
        expect(() => pick(ada, given as never)).to.throw(
          TypeError,
          `pick() takes an object such as { name: true }, not ${told}.`,
        );
      expect(() => pick({ name: 'Ada' } as never, { name: true } as never)).to.throw(
        TypeError,
        'pick() takes an entity',
      );
    });
  });

  it('goes along relations of every kind, and round a circle as far as it is told', () => {
    db = make(ATLAS);
    session = db.open();

    expect(
      pick(session.get(Country, 'CH'), {
        flag: { colours: true },
        languages: { name: true },
        neighbours: { name: true, neighbours: { code: true } },
      }),
    ).to.deep.equal({
      flag: { colours: 'red white' },
      languages: [{ name: 'French' }, { name: 'German' }, { name: 'Italian' }],
      neighbours: [
        { name: 'Austria', neighbours: [{ code: 'CH' }, { code: 'DE' }] },
        { name: 'Germany', neighbours: [{ code: 'AT' }, { code: 'CH' }] },
      ],
    });
  });
});
