import { expect } from 'chai';
import { createTables, Entity, integer, type LocalSession, manyToMany, text } from '../../lib/orm/index.js';
import { Country, Language, Membership, SCHEMA, Union } from './atlas.js';
import { onEach, type TestDatabase } from './database.js';

const LINK = 'insert into "spoken" ("country_code", "language_id") values (?, ?)';
const UNLINK = 'delete from "spoken" where "country_code" = ? and "language_id" = ?';
const SPOKEN = 'select country_code, language_id from spoken order by 1, 2';

const names = (each: readonly { name: string }[]): string[] => each.map(({ name }) => name);

onEach('a relation of many to many', (make) => {
  let db: TestDatabase;
  let session: LocalSession;
  const country = (code: string) => session.get(Country, code) as Country;
  const language = (id: number) => session.get(Language, id) as Language;

  beforeEach(() => {
    db = make(SCHEMA);
    session = db.open();
  });
  afterEach(() => db.close());

  it('loads for all siblings with one statement, in its order', () => {
    const countries = session.query(Country).orderBy('code').all();

    expect(db.during(() => countries.map(({ languages }) => languages))).to.deep.equal([
      'select "target"."id", "target"."name", "through"."country_code" as "owner_0" from "language" as "target" ' +
        'inner join "spoken" as "through" on "through"."language_id" = "target"."id" ' +
        'where "through"."country_code" in (?, ?, ?, ?) order by "target"."name" asc, "target"."id"',
    ]);
    expect(countries.map(({ languages }) => names(languages))).to.deep.equal([
      ['German'],
      ['French', 'German', 'Italian'],
      ['German'],
      [],
    ]);
  });

  it('takes either side into the session that the other one is in', () => {
    const latin = new Language({ name: 'Latin' });
    latin.countries.push(country('AT'));
    const malta = new Country({ code: 'MT', name: 'Malta' });
    malta.languages.push(language(1));
    session.commit();

    expect(names(country('AT').languages)).to.include('Latin');
    expect(db.rows(`select language_id from spoken where country_code = 'AT' order by 1`)).to.deep.include([latin.id]);
    expect(db.rows(`select language_id from spoken where country_code = 'MT'`)).to.deep.equal([[1]]);
  });

  it('is in step with another one over the same pairs', () => {
    class Song extends Entity('song', { id: integer().primaryKey() }) {
      declare singers: Singer[];
      declare sorted: Singer[];
      static relations = {
        singers: manyToMany(() => Singer, { through: 'sung', from: 'song', to: 'singer' }),
        sorted: manyToMany(() => Singer, { through: 'sung', from: 'song', to: 'singer', orderBy: 'name' }),
      };
    }
    class Singer extends Entity('singer', { id: integer().primaryKey(), name: text() }) {
      declare songs: Song[];
      declare latest: Song[];
      static relations = {
        songs: manyToMany(() => Song, { through: 'sung', from: 'singer', to: 'song' }),
        latest: manyToMany(() => Song, { through: 'sung', from: 'singer', to: 'song', orderBy: { id: 'desc' } }),
      };
    }
    createTables(session, [Song, Singer]);
    const [song, ella, nina] = [
      session.add(new Song()),
      session.add(new Singer({ name: 'Ella' })),
      session.add(new Singer({ name: 'Nina' })),
    ];
    session.commit();
    void [nina.songs, nina.latest];
    song.singers.push(nina);
    session.refresh(song);
    expect([song.singers, nina.songs, nina.latest]).to.deep.equal([[], [], []]);
    void song.sorted;
    song.sorted.push(nina);
    ella.songs.push(song);
    song.singers.push(nina);
    expect([names(song.singers), names(song.sorted), nina.songs]).to.deep.equal([
      ['Nina', 'Ella'],
      ['Nina', 'Ella'],
      [song],
    ]);
    session.commit();
    expect(db.rows('select singer from sung order by 1')).to.deep.equal([[1], [2]]);
    song.singers.splice(0, 1);
    expect([names(song.sorted), nina.songs, nina.latest]).to.deep.equal([['Ella'], [], []]);
    session.commit();
    expect(db.rows('select singer from sung')).to.deep.equal([[1]]);
  });

  it('is not taken for another one through the same table, to others or by other rules', () => {
    class Member extends Entity('member', { id: integer().primaryKey() }) {
      declare groups: Group[];
      declare roles: Role[];
      declare plain: Role[];
      static relations = {
        groups: manyToMany(() => Group, { through: () => Grant, from: 'memberId', to: 'groupId' }),
        plain: manyToMany(() => Role, { through: 'granted', from: 'member_id', to: 'role_id' }),
        roles: manyToMany(() => Role, { through: () => Grant, from: 'memberId', to: 'roleId' }),
      };
    }
    class Group extends Entity('groups', { id: integer().primaryKey() }) {}
    class Role extends Entity('role', { id: integer().primaryKey() }) {}
    class Grant extends Entity('granted', {
      id: integer().primaryKey(),
      memberId: integer('member_id').references('member'),
      groupId: integer('group_id').nullable(),
      roleId: integer('role_id').nullable(),
      since: text().default(() => 'now'),
    }) {}
    createTables(session, [Member, Group, Role, Grant]);
    const [member, role] = [session.add(new Member()), session.add(new Role()), session.add(new Group())];
    session.commit();
    void member.groups;
    member.roles.push(role);
    expect(member.groups).to.deep.equal([]);
    session.commit();
    expect(db.rows('select member_id, group_id, role_id, since from granted')).to.deep.equal([[1, null, 1, 'now']]);
  });

  it('waits for whom nobody has added, where only one side tells of it', () => {
    class Song extends Entity('song', { id: integer().primaryKey() }) {
      declare singers: Singer[];
      static relations = { singers: manyToMany(() => Singer, { through: 'sung', from: 'song', to: 'singer' }) };
    }
    class Singer extends Entity('singer', { id: integer().primaryKey() }) {}
    createTables(session, [Song, Singer]);
    const singer = session.add(new Singer());
    session.commit();
    const song = new Song();
    song.singers.push(singer);
    expect(db.during(() => session.commit())).to.deep.equal([]);
    session.add(song);
    session.commit();
    expect(db.rows('select song, singer from sung')).to.deep.equal([[1, 1]]);
  });

  it('loads the same objects from either side', () => {
    const german = country('AT').languages[0];

    expect(german).to.equal(language(1));
    expect(names(language(1).countries)).to.deep.equal(['Austria', 'Switzerland', 'Germany']);
  });

  it('inserts a row for what is pushed, and deletes that of what is taken out', () => {
    const switzerland = country('CH');
    void switzerland.languages;
    switzerland.languages.push(session.add(new Language({ name: 'Romansh' })));
    switzerland.languages.splice(0, 1);

    expect(db.during(() => session.commit())).to.deep.equal([
      UNLINK,
      'insert into "language" ("name") values (?)',
      LINK,
    ]);
    expect(db.rows("select language_id from spoken where country_code = 'CH' order by 1")).to.deep.equal([
      [1],
      [3],
      [4],
    ]);
    expect(db.during(() => session.commit())).to.deep.equal([]);
  });

  it('stores what is new on both sides', () => {
    const malta = new Country({ code: 'MT', name: 'Malta' });
    malta.languages.push(new Language({ name: 'Maltese' }), new Language({ name: 'English' }));
    session.add(malta);
    session.commit();

    expect(db.rows("select count(*) from spoken where country_code = 'MT'")).to.deep.equal([[2]]);
    expect(names(malta.languages)).to.deep.equal(['Maltese', 'English']);
    expect(names(malta.languages[0]?.countries ?? [])).to.deep.equal(['Malta']);
  });

  it('shows a change on the other side at once, where that is loaded', () => {
    const [italian, iceland] = [language(3), country('IS')];
    void [italian.countries, iceland.languages];

    iceland.languages.push(italian);
    expect(names(italian.countries)).to.deep.equal(['Switzerland', 'Iceland']);
    italian.countries.splice(italian.countries.indexOf(iceland), 1);
    expect(iceland.languages).to.deep.equal([]);
    expect(db.during(() => session.commit())).to.deep.equal([]);
  });

  it('writes one row for what was told on both sides', () => {
    const [italian, iceland] = [language(3), country('IS')];
    void [italian.countries, iceland.languages];
    iceland.languages.push(italian);
    italian.countries.push(iceland);

    expect(db.during(() => session.commit())).to.deep.equal([LINK]);
  });

  it('that is assigned writes the difference', () => {
    const switzerland = country('CH');
    const [french, german] = switzerland.languages;
    switzerland.languages = [german as Language, french as Language, session.add(new Language({ name: 'Romansh' }))];
    session.commit();

    expect(db.rows("select language_id from spoken where country_code = 'CH' order by 1")).to.deep.equal([
      [1],
      [2],
      [4],
    ]);
  });

  it('does not bring back what was put at an index and then removed', () => {
    const [italian, iceland] = [language(3), country('IS')];
    const { countries } = italian;
    countries[countries.length] = iceland;
    session.remove(iceland);
    session.commit();

    expect(countries).to.not.include(iceland);
    expect(db.rows("select count(*) from country where code = 'IS'")).to.deep.equal([[0]]);
  });

  it('sees what was put at an index, and a shorter length, at the flush', () => {
    const switzerland = country('CH');
    switzerland.languages[0] = session.add(new Language({ name: 'Romansh' }));
    switzerland.languages.length = 2;
    session.commit();

    expect(db.rows("select language_id from spoken where country_code = 'CH' order by 1")).to.deep.equal([[1], [4]]);
  });

  it('writes nothing for members in another order', () => {
    const { languages } = country('CH');
    languages.reverse();
    languages.sort((a, b) => (a.name < b.name ? -1 : 1));

    expect(db.during(() => session.commit())).to.deep.equal([]);
  });

  it('loses its rows with either of its ends', () => {
    session.remove(language(2));
    session.flush();
    session.remove(country('AT').cities[0] as never);

    expect(db.rows(SPOKEN)).to.have.length(5);
    session.rollback();
    session.remove(language(2));
    session.commit();
    expect(db.rows(SPOKEN)).to.deep.equal([
      ['AT', 1],
      ['CH', 1],
      ['CH', 3],
      ['DE', 1],
    ]);
  });

  it('is told of by either end, and forgotten where one of them is removed', () => {
    const iceland = country('IS');
    iceland.languages.push(language(3));
    session.remove(language(3));
    session.commit();

    expect(db.rows("select * from spoken where country_code = 'IS' or language_id = 3")).to.deep.equal([]);
  });

  it('has columns that may be called by numbers', () => {
    class Left extends Entity('left', { id: integer().primaryKey() }) {
      declare rights: Right[];
      static relations = { rights: manyToMany(() => Right, { through: 'pair', from: '2', to: '1' }) };
    }
    class Right extends Entity('right', { id: integer().primaryKey() }) {}
    createTables(session, [Left, Right]);
    const left = session.add(new Left({ id: 100 }));
    left.rights.push(new Right({ id: 7 }));
    session.commit();

    expect(db.rows('select "2", "1" from pair')).to.deep.equal([[100, 7]]);
  });

  it('takes back on both sides what a refresh takes back', () => {
    const [german, iceland] = [language(1), country('IS')];
    void [german.countries, iceland.languages];
    iceland.languages.push(german);
    session.refresh(iceland);
    expect(german.countries).to.not.include(iceland);
    german.countries.push(iceland);
    session.refresh(german);
    expect(iceland.languages).to.deep.equal([]);

    session.commit();
    expect(db.rows("select * from spoken where country_code = 'IS'")).to.deep.equal([]);
  });

  it('loses the rows of many ends with a statement for a window of them', () => {
    const created = Array.from({ length: 300 }, (_, i) => session.add(new Country({ code: `${i}`, name: `${i}` })));
    for (const each of created) each.languages.push(language(1));
    session.commit();
    for (const each of created) session.remove(each);
    const sent = db.during(() => session.commit());

    expect(sent.filter((sql) => sql.startsWith('delete from "spoken"'))).to.have.length(2);
    expect(db.rows(SPOKEN)).to.have.length(5);
  });

  it('is as the database is after a rollback', () => {
    const switzerland = country('CH');
    switzerland.languages.pop();
    session.flush();
    session.rollback();

    expect(names(switzerland.languages)).to.deep.equal(['French', 'German', 'Italian']);
    expect(db.during(() => session.commit())).to.deep.equal([]);
  });

  it('is stored again with a new entity that was rolled back and is added once more', () => {
    const malta = new Country({ code: 'MT', name: 'Malta' });
    malta.languages.push(language(3));
    session.add(malta);
    session.flush();
    session.rollback();
    session.add(malta);
    session.commit();

    expect(db.rows("select language_id from spoken where country_code = 'MT'")).to.deep.equal([[3]]);
  });

  describe('between an entity and itself', () => {
    it('is a graph: each has its neighbours', () => {
      expect(names(country('AT').neighbours)).to.deep.equal(['Switzerland', 'Germany']);
      expect(names(country('AT').neighbours[0]?.neighbours ?? [])).to.deep.equal(['Austria', 'Germany']);
    });

    it('keeps its two directions in step', () => {
      const [austria, iceland] = [country('AT'), country('IS')];
      void [austria.neighbourOf, iceland.neighbourOf];
      austria.neighbours.push(iceland);

      expect(names(iceland.neighbourOf)).to.deep.equal(['Austria']);
      expect(names(austria.neighbourOf)).to.deep.equal(['Switzerland', 'Germany']);
      session.commit();
      expect(db.rows("select country_code from border where neighbour_code = 'IS'")).to.deep.equal([['AT']]);
    });

    it('takes one that is a neighbour of its own', () => {
      const iceland = country('IS');
      iceland.neighbours.push(iceland);
      session.commit();

      expect(db.rows("select country_code from border where neighbour_code = 'IS'")).to.deep.equal([['IS']]);
    });
  });

  describe('through an entity', () => {
    it('loads the other side through its table', () => {
      expect(names(country('AT').unions)).to.deep.equal(['EU']);
    });

    it('inserts an entity for what is pushed, with its defaults', () => {
      const iceland = country('IS');
      iceland.unions.push(session.query(Union).where({ name: 'EU' }).one());

      expect(db.during(() => session.commit())).to.deep.equal([
        'insert into "membership" ("country_code", "union_id", "since") values (?, ?, ?)',
      ]);
      expect(session.get(Membership, ['IS', 1])?.since).to.equal(2000);
    });

    it('inserts one for two that are both new', () => {
      const malta = session.add(new Country({ code: 'MT', name: 'Malta' }));
      malta.unions.push(new Union({ name: 'Commonwealth' }));
      session.commit();

      expect(db.rows("select union_id, since from membership where country_code = 'MT'")).to.deep.equal([[3, 2000]]);
    });

    it('shows what came and went by the entity itself', () => {
      const iceland = country('IS');
      const [eu, efta] = session.query(Union).orderBy('id').all() as [Union, Union];
      expect(iceland.unions).to.deep.equal([efta]);
      session.add(new Membership({ countryCode: 'IS', unionId: eu.id }));
      session.flush();
      expect(iceland.unions).to.deep.equal([efta, eu]);
      session.remove(session.get(Membership, ['IS', 2]) as Membership);
      session.flush();
      expect(iceland.unions).to.deep.equal([eu]);
      expect(db.during(() => session.commit())).to.deep.equal([]);
    });

    it('removes the entity of what is taken out', () => {
      const iceland = country('IS');
      const membership = session.get(Membership, ['IS', 2]) as Membership;
      iceland.unions.splice(0, 1);
      session.commit();

      expect(db.rows("select * from membership where country_code = 'IS'")).to.deep.equal([]);
      expect(session.get(Membership, ['IS', 2])).to.equal(undefined);
      expect(() => session.refresh(membership)).to.throw('Membership is detached');
    });
  });
});
