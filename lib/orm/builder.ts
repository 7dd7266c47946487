import type { Connection } from '../connection/connection.js';
import { type QueryBuilder, queryBuilderOf } from '../plan/dialect.js';

/** Kysely for a connection's dialect, to compile with. Not the connection's own: whoever only runs SQL text loads no Kysely. */
export const builderOf = ({ dialect }: Pick<Connection, 'dialect'>): QueryBuilder => queryBuilderOf(dialect);
