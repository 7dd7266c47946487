import { read, type Session, sql, write } from 'offthread/orm';
import { Address, User } from './entities.js';

export const user = read((session: Session, id: number) => session.get(User, id));
export const users = read((session: Session) => session.query(User).orderBy('id').all());
export const usersWithAddresses = read((session: Session) => session.query(User).with('addresses').orderBy('id').all());
export const touched = read((session: Session, id: number) => {
  const found = session.get(User, id);
  found?.addresses[0]?.user;
  return found;
});
export const owner = read((session: Session, id: number) => {
  const address = session.get(Address, id);
  return { address, owner: address?.user, again: session.get(User, 1) };
});
export const grouped = read((session: Session) => {
  const found = session.query(User).orderBy('id').all();
  return { byName: new Map(found.map((each) => [each.name, each])), set: new Set(found), first: found[0] };
});
export const add = write((session: Session, name: string) =>
  session.add(new User({ name, photo: Buffer.from(name), joined: new Date(0), tags: ['new'] })),
);
export const addWithAddress = write((session: Session, name: string, street: string) => {
  const added = new User({ name });
  const address = new Address({ userId: 0, street });
  address.user = added;
  added.addresses.push(address);
  session.add(added);
  return added;
});
export const transient = read((_session: Session) => new User({ name: 'nobody' }));
export const withExtras = read((session: Session) =>
  Object.assign(session.get(User, 1) as User, { extra: 'not a column' }),
);
export const changed = write((session: Session, name: string) => {
  const found = session.get(User, 1) as User;
  found.rename(name);
  return found;
});
export const labels = read((session: Session) =>
  session
    .query(User)
    .orderBy('id')
    .all()
    .map(({ label }) => label),
);
export const rows = read((session: Session) => session.run(sql<{ n: number }>`select count(*) as n from user`));
/** Takes what another unit answered with. */
export const rename = write((session: Session, detached: { id: number; name: string }) => {
  const found = session.get(User, detached.id);
  if (found) found.name = detached.name;
  return found?.name;
});
