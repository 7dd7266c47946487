import { expect } from 'chai';
import { belongsTo, Entity, integer, type LocalSession, text } from '../../lib/orm/index.js';
import { onEach, type TestDatabase } from './database.js';
import { Address, SCHEMA, User } from './shop.js';

let constructed = 0;
let initialized = 0;
class Member extends Entity('user', { id: integer().primaryKey(), name: text() }) {
  declare boss: User | null;
  static relations = { boss: belongsTo(() => User, 'id') };

  counted = ++initialized;

  constructor(init: ConstructorParameters<typeof User>[0]) {
    super({ name: init.name });
    constructed++;
  }
  get loud(): string {
    return this.name.toUpperCase();
  }
  set loud(name: string) {
    this.name = name.toLowerCase();
  }
  greet(greeting: string): string {
    return `${greeting}, ${this.name}`;
  }
}

onEach('an entity from the database', (make) => {
  let db: TestDatabase;
  let session: LocalSession;

  beforeEach(() => {
    db = make(SCHEMA);
    session = db.open();
    constructed = initialized = 0;
  });
  afterEach(() => db.close());

  it('is made without its constructor and its field initializers, in every way to load it', () => {
    const loaded = [session.get(Member, 1), session.query(Member).where({ id: 2 }).one(), ...session.query(Member)];

    expect(loaded.map((member) => member?.name)).to.deep.equal(['Ada', 'Bob', 'Ada', 'Bob', 'Cyd', 'Dee']);
    expect([constructed, initialized]).to.deep.equal([0, 0]);
    expect(loaded[0]).to.not.have.property('counted');
    expect(new Member({ name: 'Eve' }).counted).to.equal(1);
  });

  it('is an instance of its class, with its methods, getters and setters', () => {
    const member = session.get(Member, 1) as Member;

    expect(member).to.be.instanceOf(Member);
    expect(member.constructor).to.equal(Member);
    expect([member.loud, member.greet('Hello')]).to.deep.equal(['ADA', 'Hello, Ada']);
    member.loud = 'LOVELACE';
    session.commit();
    expect(db.rows('select name from user where id = 1')).to.deep.equal([['lovelace']]);
  });

  it('may load relations in a getter and change columns in a method', () => {
    const user = session.get(User, 1) as User;

    expect(user.label).to.equal('Ada (2)');
    user.rename('Grace');
    session.commit();
    expect(db.rows('select name from user where id = 1')).to.deep.equal([['Grace']]);
  });

  it('has its columns as own enumerable properties, and its relations on the prototype', () => {
    const address = session.get(Address, 1) as Address;
    void address.user;

    const columns = { id: 1, userId: 1, street: 'North' };
    expect({ ...address }).to.deep.equal(columns);
    expect(JSON.parse(JSON.stringify(address))).to.deep.equal(columns);
    expect(Reflect.ownKeys(address)).to.deep.equal(['id', 'userId', 'street']);
    expect(Object.hasOwn(Address.prototype, 'user')).to.equal(true);
  });

  it('looks like one that was made by new and flushed', () => {
    const added = session.add(new Address({ street: 'North', userId: 1 }));
    session.flush();
    const loaded = session.get(Address, 1) as Address;

    expect(Reflect.ownKeys(added)).to.deep.equal(Reflect.ownKeys(loaded));
    expect(Object.getPrototypeOf(added)).to.equal(Object.getPrototypeOf(loaded));
  });
});
