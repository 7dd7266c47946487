import { read, type Session } from 'offthread/orm';

export const count = read((_session: Session) => 3);
