import { define } from './offthread-error.js';

export const MappingError = define<{ entity: string; problem: string; wayOut: string }>('MappingError', {
  code: 'OFFTHREAD_MAPPING',
  sentence: ({ entity, problem }) => `${entity} is not mapped rightly: ${problem}.`,
  hint: ({ wayOut }) => wayOut,
});
export type MappingError = InstanceType<typeof MappingError>;

export const SchemaError = define<{ entity: string; table: string; columns: readonly string[] }>('SchemaError', {
  code: 'OFFTHREAD_SCHEMA',
  sentence: ({ entity, table, columns }) =>
    columns.length === 0
      ? `The database has no table '${table}' for ${entity}.`
      : `The table '${table}' has no ${columns.length === 1 ? 'column' : 'columns'} '${columns.join("', '")}' for ${entity}.`,
  hint: ({ columns }) =>
    columns.length === 0
      ? 'Make it by a migration, or with createTables(session, entities); or check the path of the database.'
      : "Add what is missing by a migration, or say how it is called there: text('its_name').",
});
export type SchemaError = InstanceType<typeof SchemaError>;

export const EntityStateError = define<{ entity: string; problem: string; wayOut: string }>('EntityStateError', {
  code: 'OFFTHREAD_ENTITY_STATE',
  sentence: ({ entity, problem }) => `${entity} ${problem}.`,
  hint: ({ wayOut }) => wayOut,
});
export type EntityStateError = InstanceType<typeof EntityStateError>;

export const LazyLoadRefusedError = define<{ entity: string; relation: string; place: string }>(
  'LazyLoadRefusedError',
  {
    code: 'OFFTHREAD_LAZY_LOAD_REFUSED',
    sentence: ({ place }) => `${place} is not loaded, and is not to be loaded by a touch.`,
    hint: ({ entity, relation }) => `Load it ahead: session.query(${entity}).with('${relation}').`,
  },
);
export type LazyLoadRefusedError = InstanceType<typeof LazyLoadRefusedError>;

export const SessionEndedError = define<{ touched: string }>('SessionEndedError', {
  code: 'OFFTHREAD_SESSION_ENDED',
  sentence: ({ touched }) => `${touched} was touched after its session had ended.`,
  hint: 'Touch it while the unit runs, or load it ahead with with(…).',
});
export type SessionEndedError = InstanceType<typeof SessionEndedError>;

export const NoResultError = define<{ entity: string; found: string }>('NoResultError', {
  code: 'OFFTHREAD_NO_RESULT',
  sentence: ({ entity, found }) => `one() found ${found} of ${entity}, and promises exactly one.`,
  hint: 'Use first() where there may be none, or all() where there may be several.',
});
export type NoResultError = InstanceType<typeof NoResultError>;

export const StaleEntityError = define<{ entity: string; key: string; found: 'gone' | 'changed' }>('StaleEntityError', {
  code: 'OFFTHREAD_STALE_ENTITY',
  sentence: ({ entity, key, found }) =>
    `The row of ${entity} ${key} ${found === 'gone' ? 'is gone' : 'has changed since it was loaded'}, so it could not be written.`,
  hint: ({ found }) => `Another transaction ${found === 'gone' ? 'deleted' : 'wrote'} it: load it again and decide.`,
});
export type StaleEntityError = InstanceType<typeof StaleEntityError>;
