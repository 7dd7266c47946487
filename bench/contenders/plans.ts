import type { sql as Sql } from 'offthread';

let sql: typeof Sql;

/** To be awaited once: whoever has no pool starts sooner without the library. */
export async function loadPlans(): Promise<void> {
  ({ sql } = await import('offthread'));
}

export interface UserRow {
  readonly id: number;
  readonly name: string;
  readonly email: string;
  readonly age: number;
  readonly bio: string;
}

/** The statements of `bench/database.ts` as plans, each at one place, as a program would write them. */
export const readUser = (id: number) => sql<UserRow>`select id, name, email, age, bio from user where id = ${id}`;

export const listUsers = () => sql<UserRow>`select id, name, email, age, bio from user limit 10000`;

export const listAllUsers = () => sql<UserRow>`select id, name, email, age, bio from user`;

export const addNote = (author: number, text: string) =>
  sql`insert into note (author, text) values (${author}, ${text})`;

export const count = (to: number) => sql<{ total: number }>`
  with recursive step(i) as (select 1 union all select i + 1 from step where i < ${to}) select sum(i) as total from step`;
