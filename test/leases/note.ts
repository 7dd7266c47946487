import { type RowsOf, sql } from 'offthread';

interface Runs {
  run(query: ReturnType<typeof sql<{ id: number }>>): Promise<unknown>;
}

/** The same statements for a pool, a lease and a savepoint. */
export const add = (runner: Runs, id: number): Promise<unknown> =>
  runner.run(sql<{ id: number }>`insert into note (id) values (${id})`);
export const idsOf = async (runner: Runs): Promise<number[]> =>
  ((await runner.run(sql<{ id: number }>`select id from note order by id`)) as RowsOf<{ id: number }>).map(
    ({ id }) => id,
  );
