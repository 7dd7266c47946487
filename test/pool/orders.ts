import { type Session, sql } from 'offthread/orm';

export const place = (session: Session, item: string): string => {
  const [row] = session.run(sql<{ said: string }>`select ${`placed ${item}`} as said`);
  return row?.said ?? '';
};
export * as history from './history.js';
