import {
  belongsTo,
  bigint,
  blob,
  boolean,
  Entity,
  hasMany,
  integer,
  json,
  read,
  type Session,
  text,
  timestamp,
  write,
} from 'offthread/orm';

export class User extends Entity('user', { id: integer().primaryKey(), name: text(), email: text().nullable() }) {
  declare addresses: Address[];
  static relations = { addresses: hasMany(() => Address, 'userId') };
  get label(): string {
    return `${this.name} (${this.addresses.length})`;
  }
  greet(to: string): string {
    return `${to}, I am ${this.name}`;
  }
}

export class Address extends Entity('address', {
  id: integer().primaryKey(),
  userId: integer('user_id'),
  street: text(),
}) {
  declare user: User;
  static relations = { user: belongsTo(() => User, 'userId') };
}

export class Item extends Entity('item', {
  code: text('item_code').primaryKey(),
  stock: integer().default(0),
  big: bigint().nullable(),
  on: boolean('is_on'),
  at: timestamp(),
  data: json<{ tags: string[] }>(),
  bytes: blob().nullable(),
}) {}

export const LIMIT = 10;
export const colors = ['red', 'green'];
export class Helper {}
export const helper = (name: string) => name.trim();

export const userPage = read((session: Session, id: number) => {
  const user = session.get(User, id);
  return user && { name: user.name, streets: user.addresses.map((address) => address.street) };
});
export const rename = write((session: Session, id: number, name: string) => {
  const user = session.get(User, id);
  if (user) user.name = name;
});
export const everyone = read((session: Session) => session.query(User).with('addresses').all());
export const greet = write((_session: Session, to: { name: string; by: string }) => to.name);
export const names = read(function* (session: Session) {
  for (const user of session.query(User).iterate()) yield user.name;
});
export const late = (_session: Session, id: number) => Promise.resolve(id);
export const perhapsLate = (_session: Session, id: number) => (id > 0 ? id : Promise.resolve(id));

export const find = (session: Session, id: number) => session.get(User, id);
export const page = read(
  (_session: Session, size?: number, from?: { key: readonly string[] }) => `${from?.key}${size}`,
);
export const nothing = () => 5;
// biome-ignore lint/suspicious/noExplicitAny: a unit that says nothing of its types
export const anything = (_session: Session, value: any): any => value;
export const fails = (_session: Session): never => {
  throw new Error('always');
};
export const deep = read((session: Session) => session.query(User).with('addresses.user').first());
export const deeper = read((session: Session) => session.query(Address).with('user').with('user.addresses').all());
export const owner = read((session: Session) => session.query(Address).with('user').one());
export const shapes = read((session: Session) => {
  const users = session.query(User).all();
  return {
    byName: new Map(users.map((user) => [user.name, user] as const)),
    set: new Set(users),
    pair: [users[0], 1] as const,
    nested: { list: [[{ owner: users[0], at: new Date(), bytes: Buffer.from('') }]] },
    maybe: users[0] ?? null,
    pattern: /x/,
    render() {},
  };
});
export const item = read((session: Session) => session.query(Item).one());
export const unfinished = read((session: Session) => session.query(User).where({ name: 'Ada' }));
export const listen = write((_session: Session, hooks: { done: () => void }) => hooks);
export const save = write((_session: Session, user: User) => user.id);
export const tag = write((_session: Session, tags: Map<string, Date>, kinds: Set<bigint>, bytes: Buffer) => [
  tags,
  kinds,
  bytes,
]);
export const orders = {
  place: write((_session: Session, product: string, count: number) => ({ product, count })),
  archive: { list: read((_session: Session) => [1, 2, 3]) },
  limit: 5,
};
export const saveAll = write((_session: Session, users: readonly User[]) => users.length);
export const saveByName = write((_session: Session, users: Map<string, User>) => users.size);
export const listenToAll = write((_session: Session, hooks: Set<() => void>) => hooks.size);
export const wait = write((_session: Session, name: Promise<string>) => typeof name);
export const visit = write((_session: Session, at: URL) => at.href);
export const mark = write((_session: Session, kind: symbol) => String(kind));
