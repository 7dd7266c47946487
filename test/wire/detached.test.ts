import { expect } from 'chai';
import { createPool, type Pool, sql } from 'offthread';
import { failureOf } from '../pool/failure.js';
import type * as shopUnits from './shop-units.js';

describe('a detached entity', () => {
  let pool: Pool<typeof shopUnits>;
  before(async () => {
    pool = await createPool<typeof shopUnits>({
      database: 'sqlite::memory:',
      units: new URL('./shop-units.js', import.meta.url),
    });
    await pool.run([
      sql`create table user (id integer primary key, name text not null, tags text not null default '[]', photo blob, joined text)`,
      sql`create table address (id integer primary key, user_id integer not null references user, street text not null)`,
      sql`insert into user (id, name, tags, photo, joined) values
        (1, 'Ada', '["poet"]', x'00ff', '2026-01-31 23:59:59.999'), (2, 'Grace', '[]', null, null)`,
      sql`insert into address values (1, 1, 'St James Square'), (2, 1, 'Ockham Park')`,
    ]);
  });
  after(() => pool.close());

  it('is a plain object of its columns, with their types', async () => {
    const ada = await pool.run('user', [1]);
    expect(ada).to.deep.equal({
      id: 1,
      name: 'Ada',
      tags: ['poet'],
      photo: Buffer.from([0, 255]),
      joined: new Date('2026-01-31T23:59:59.999Z'),
    });
    expect(Object.getPrototypeOf(ada)).to.equal(Object.prototype);
    expect(Buffer.isBuffer(ada?.photo)).to.equal(true);
    for (const [name, { value, writable, enumerable }] of Object.entries(Object.getOwnPropertyDescriptors(ada)))
      expect([value !== undefined, writable, enumerable], name).to.deep.equal([true, true, true]);
  });

  it('has neither getters nor methods, and nothing of what hung on it beside its columns', async () => {
    const ada = (await pool.run('withExtras')) as object;
    for (const name of ['label', 'rename', 'addresses', 'extra']) expect(name in ada, name).to.equal(false);
    expect(Object.getOwnPropertySymbols(ada)).to.deep.equal([]);
  });

  it('has the relations that were loaded ahead', async () => {
    const all = await pool.run('usersWithAddresses');
    expect(all.map(({ name, addresses }) => [name, addresses])).to.deep.equal([
      [
        'Ada',
        [
          { id: 1, userId: 1, street: 'St James Square' },
          { id: 2, userId: 1, street: 'Ockham Park' },
        ],
      ],
      ['Grace', []],
    ]);
    expect((await pool.run('users')).some((each) => 'addresses' in each)).to.equal(false);
  });

  it('has the relations that were touched, round in circles', async () => {
    const ada = await pool.run('touched', [1]);
    expect(ada?.addresses?.[0]?.user).to.equal(ada);
    expect(ada?.addresses?.map(({ street }) => street)).to.deep.equal(['St James Square', 'Ockham Park']);
  });

  it('is one object wherever the result has it', async () => {
    const { address, owner, again } = await pool.run('owner', [2]);
    expect(owner?.name).to.equal('Ada');
    expect(address?.user).to.equal(owner);
    expect(again).to.equal(owner);
    const { byName, set, first } = await pool.run('grouped');
    expect([byName.get('Ada'), [...set][0]]).to.deep.equal([first, first]);
    expect(byName.get('Ada'))
      .to.equal(first)
      .and.equal([...set][0]);
  });

  it('can be cloned, written as JSON and changed, and nobody else notices', async () => {
    const ada = await pool.run('touched', [1]);
    const clone = structuredClone(ada);
    expect(clone?.addresses?.[0]?.user).to.equal(clone);
    const plain = await pool.run('user', [2]);
    expect(JSON.parse(JSON.stringify(plain))).to.deep.equal({
      id: 2,
      name: 'Grace',
      tags: [],
      photo: null,
      joined: null,
    });
    if (plain) plain.name = 'changed here';
    expect(await pool.run('user', [2])).to.include({ name: 'Grace' });
  });

  it('may be sent back as data, since it is no entity any more', async () => {
    const grace = await pool.run('user', [2]);
    expect(await pool.run('rename', [{ ...(grace as { id: number }), name: 'Hopper' }])).to.equal('Hopper');
    expect(await pool.run('rename', [{ ...(grace as { id: number }), name: 'Grace' }])).to.equal('Grace');
  });

  it('that was just added has its generated key and its defaults', async () => {
    const added = await pool.run('add', ['Joan']);
    expect(added).to.deep.equal({
      id: 3,
      name: 'Joan',
      tags: ['new'],
      photo: Buffer.from('Joan'),
      joined: new Date(0),
    });
    await pool.run(sql`delete from user where id = 3`);
  });

  it('that was added with its relations has them, keys included', async () => {
    const added = await pool.run('addWithAddress', ['Mary', 'Elm Street']);
    expect(added.addresses).to.have.length(1);
    expect(added.addresses?.[0]).to.include({ street: 'Elm Street', userId: added.id });
    expect(added.addresses?.[0]?.user).to.equal(added);
    await pool.run([
      sql`delete from address where user_id = ${added.id}`,
      sql`delete from user where id = ${added.id}`,
    ]);
  });

  it('is as it was committed', async () => {
    expect(await pool.run('changed', ['Lovelace'])).to.include({ id: 1, name: 'Lovelace' });
    expect(await pool.run('changed', ['Ada'])).to.include({ name: 'Ada' });
  });

  it('may never have been in the database', async () => {
    expect(await pool.run('transient')).to.deep.equal({
      id: undefined,
      name: 'nobody',
      tags: [],
      photo: null,
      joined: null,
    });
  });

  it('is not needed where a unit makes its own answer: methods and getters work inside', async () => {
    expect(await pool.run('labels')).to.deep.equal(['Ada lives in 2 places', 'Grace lives in 0 places']);
    expect(await pool.run('rows')).to.deep.equal([{ n: 2 }]);
  });

  it('is undefined where there is none', async () => {
    expect(await pool.run('user', [99])).to.equal(undefined);
    expect((await failureOf(pool.run('user', [Number.NaN]))).message).to.equal(
      'User.id takes a safe integer, not NaN.',
    );
  });
});
