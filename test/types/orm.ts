// Compiled, never run: what the ORM's own calls answer, inside of a unit.
import { belongsTo, type Detached, Entity, integer, pick, type Session, text } from 'offthread/orm';
import { type Equal, is } from './equal.js';
import { Address, User } from './shop.js';

declare const session: Session;
declare const user: User;
declare const perhaps: User | undefined;

const picked = pick(user, { name: true, addresses: { street: true } });
is<Equal<typeof picked, { name: string; addresses: { street: string }[] }>>();
const many = pick([user], { id: true });
is<Equal<typeof many, { id: number }[]>>();
const none = pick(perhaps, { label: true });
is<Equal<typeof none, { label: string } | undefined>>();
// A relation may set what is a foreign key, where that is said.
class Note extends Entity('note', {
  id: integer().primaryKey(),
  userId: integer('user_id').references('user'),
  words: text(),
}) {
  declare user: User;
  static relations = { user: belongsTo(() => User, 'userId') };
}
new Note({ words: 'x' }).user = user;
is<Equal<Note['userId'], number>>();

// @ts-expect-error: it has no such column
pick(user, { nam: true });
// @ts-expect-error: a method cannot be sent
pick(user, { greet: true });

declare const sent: Detached<User>;
is<Equal<typeof sent.email, string | null>>();
session.merge(User, sent);
const merged = session.merge(User, { id: 1, name: 'Ada', addresses: [{ street: 'West' }] });
is<Equal<typeof merged, User>>();
// @ts-expect-error: a name is text
session.merge(User, { name: 7 });
// @ts-expect-error: it has no such column
session.merge(Address, { strt: 'x' });
