import { expect } from 'chai';
import fc from 'fast-check';
import { DatabaseError, EntityStateError, type LocalSession, sql } from '../../lib/orm/index.js';
import { onEach } from './database.js';
import { Address, SCHEMA, User } from './shop.js';

/** What a program may do with a session; each number picks one of the entities that it holds. */
type Step =
  | { do: 'rename'; user: number; name: string }
  | { do: 'add'; name: string }
  | { do: 'addAgain' | 'remove' | 'refresh'; user: number }
  | { do: 'push' | 'move'; user: number; address: number }
  | { do: 'pushNew' | 'splice'; user: number }
  | { do: 'sql' | 'flush' }
  | { do: 'savepoint'; isUndone: boolean; steps: Step[] };

const nat = fc.nat({ max: 9 });
const name = fc.constantFrom('Eve', 'Flo', 'Gus', 'Hal', 'Ida');
const { step } = fc.letrec<{ step: Step }>((tie) => ({
  step: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.record({ do: fc.constantFrom('sql', 'flush') }) as fc.Arbitrary<Step>,
    fc.record({ do: fc.constant('rename'), user: nat, name }) as fc.Arbitrary<Step>,
    fc.record({ do: fc.constant('add'), name }) as fc.Arbitrary<Step>,
    fc.record({ do: fc.constantFrom('addAgain', 'remove', 'refresh'), user: nat }) as fc.Arbitrary<Step>,
    fc.record({ do: fc.constantFrom('push', 'move'), user: nat, address: nat }) as fc.Arbitrary<Step>,
    fc.record({ do: fc.constantFrom('pushNew', 'splice'), user: nat }) as fc.Arbitrary<Step>,
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('savepoint'),
        isUndone: fc.boolean(),
        steps: fc.array(tie('step'), { maxLength: 5 }),
      }) as fc.Arbitrary<Step>,
    },
  ),
}));

const end = fc.constantFrom('commit', 'rollback');

const FILLED = `${SCHEMA} insert into user (id, name) values (5, 'Max'), (6, 'Pat'), (7, 'Zoe');`;

class Undo extends Error {}

class Program {
  readonly session: LocalSession;
  readonly users: User[];
  readonly addresses: Address[];

  constructor(session: LocalSession) {
    this.session = session;
    this.users = session.query(User).orderBy('id').all();
    this.addresses = session.query(Address).orderBy('id').all();
  }

  run(steps: readonly Step[]): void {
    for (const each of steps) this.#run(each);
  }

  #run(each: Step): void {
    const { session } = this;
    switch (each.do) {
      case 'rename':
        this.#user(each.user).name = each.name;
        break;
      case 'add':
        this.users.push(session.add(new User({ name: each.name })));
        break;
      case 'addAgain':
        session.add(this.#user(each.user));
        break;
      case 'remove':
        session.remove(this.#user(each.user));
        break;
      case 'refresh':
        session.refresh(this.#user(each.user));
        break;
      case 'push':
        this.#user(each.user).addresses.push(this.#address(each.address));
        break;
      case 'move':
        this.#address(each.address).user = this.#user(each.user);
        break;
      case 'pushNew': {
        const address = new Address({ street: 'West' });
        this.addresses.push(address);
        this.#user(each.user).addresses.push(address);
        break;
      }
      case 'splice':
        this.#user(each.user).addresses.splice(0, 1);
        break;
      case 'sql':
        session.run(sql`update user set age = coalesce(age, 0) + 1`);
        break;
      case 'flush':
        session.flush();
        break;
      case 'savepoint':
        this.savepoint(each.isUndone, each.steps);
    }
  }

  /** What is refused is undone with its savepoint, and the program goes on. */
  savepoint(isUndone: boolean, steps: readonly Step[]): void {
    try {
      this.session.savepoint(() => {
        this.run(steps);
        if (isUndone) throw new Undo();
      });
    } catch (error) {
      const isExpected = error instanceof Undo || error instanceof EntityStateError || error instanceof DatabaseError;
      if (!isExpected) throw error;
    }
  }

  #user(index: number): User {
    return this.users[index % this.users.length] as User;
  }
  #address(index: number): Address {
    return this.addresses[index % this.addresses.length] as Address;
  }
}

onEach('a session, whatever a program does in transactions and savepoints,', (make, dialect) => {
  it('has entities that are as the database is: none is lost, doubled, or changed unseen', () => {
    const db = make('');
    try {
      fc.assert(
        fc.property(fc.array(fc.oneof({ weight: 4, arbitrary: step }, end), { maxLength: 8 }), (steps) => {
          using session = db.openApart(FILLED);
          const program = new Program(session);
          for (const each of steps) {
            if (typeof each === 'string') session[each]();
            else program.savepoint(false, [each]);
          }

          const sent = db.during(() => session.flush());
          expect(sent).to.deep.equal([]);
          const rows = session.run(sql<{ id: number; name: string }>`select id, name from user order by id`);
          const users = session.query(User).orderBy('id').all();
          expect(users.map((user) => ({ id: user.id, name: user.name }))).to.deep.equal(rows);
          expect(users.filter((user) => !program.users.includes(user))).to.deep.equal([]);
          const owners = session.run(
            sql<{ id: number; userId: number }>`select id, user_id as "userId" from address order by id`,
          );
          const addresses = session.query(Address).orderBy('id').all();
          expect(addresses.map(({ id, userId }) => ({ id, userId }))).to.deep.equal(owners);
          expect(addresses.filter((address) => !program.addresses.includes(address))).to.deep.equal([]);
          for (const { user, userId } of addresses) expect(user?.id ?? null).to.equal(userId);
        }),
        { numRuns: dialect === 'sqlite' ? 300 : 100 },
      );
    } finally {
      db.close();
    }
  });
});
