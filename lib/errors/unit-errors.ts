import { define } from './offthread-error.js';

export const UnknownUnitError = define<{ unit: string; nearest: string | undefined; known: number }>(
  'UnknownUnitError',
  {
    code: 'OFFTHREAD_UNKNOWN_UNIT',
    sentence: ({ unit }) => `There is no unit named '${unit}'.`,
    hint: ({ unit, nearest, known }) =>
      nearest !== undefined
        ? `Did you mean '${nearest}'?`
        : /\s/.test(unit)
          ? 'SQL text goes through sql`select …`.'
          : known === 0
            ? 'The pool has no units: pass createPool the option units.'
            : `The units module exports ${known} ${known === 1 ? 'unit' : 'units'}; pool.units lists them.`,
  },
);
export type UnknownUnitError = InstanceType<typeof UnknownUnitError>;

export const UnitsModuleError = define<{ module: string; reason: string; wayOut: string }>('UnitsModuleError', {
  code: 'OFFTHREAD_UNITS_MODULE',
  sentence: ({ module, reason }) => `The units module ${module} ${reason}.`,
  hint: ({ wayOut }) => wayOut,
});
export type UnitsModuleError = InstanceType<typeof UnitsModuleError>;

export const WrappedModuleError = define<{ module: string; reason: string; wayOut: string }>('WrappedModuleError', {
  code: 'OFFTHREAD_WRAPPED_MODULE',
  sentence: ({ module, reason }) => `The wrapped module ${module} ${reason}.`,
  hint: ({ wayOut }) => wayOut,
});
export type WrappedModuleError = InstanceType<typeof WrappedModuleError>;

export const SetupError = define<{ module: string; role: string; reason: string }>('SetupError', {
  code: 'OFFTHREAD_SETUP',
  sentence: ({ module, role, reason }) => `The setup module ${module} ${reason} (${role} connection).`,
  hint: 'It must export a synchronous default function (connection, { dialect, role }).',
});
export type SetupError = InstanceType<typeof SetupError>;

export const GeneratorUnitError = define<{ unit: string }>('GeneratorUnitError', {
  code: 'OFFTHREAD_GENERATOR_UNIT',
  sentence: ({ unit }) => `The unit '${unit}' is a generator, and run() answers with one value.`,
  hint: ({ unit }) => `Use pool.stream('${unit}', args), or return an array.`,
});
export type GeneratorUnitError = InstanceType<typeof GeneratorUnitError>;

export const NotStreamableError = define<{ what: string; reason: string; wayOut: string }>('NotStreamableError', {
  code: 'OFFTHREAD_NOT_STREAMABLE',
  sentence: ({ what, reason }) => `${what} cannot be streamed: ${reason}.`,
  hint: ({ wayOut }) => wayOut,
});
export type NotStreamableError = InstanceType<typeof NotStreamableError>;

export const NotPortableError = define<{ path: string; found: string; wayOut: string }>('NotPortableError', {
  code: 'OFFTHREAD_NOT_PORTABLE',
  sentence: ({ path, found }) => `${path} cannot cross between threads: it is ${found}.`,
  hint: ({ wayOut }) => wayOut,
});
export type NotPortableError = InstanceType<typeof NotPortableError>;

export const PromiseResultError = define<{ unit: string }>('PromiseResultError', {
  code: 'OFFTHREAD_PROMISE_RESULT',
  sentence: ({ unit }) => `${unit} returned a promise, so its work was rolled back.`,
  hint: 'It is synchronous by design: remove async, and await outside of it.',
});
export type PromiseResultError = InstanceType<typeof PromiseResultError>;

export const UnfinishedQueryError = define<{ path: string; wayOut?: string }>('UnfinishedQueryError', {
  code: 'OFFTHREAD_UNFINISHED_QUERY',
  sentence: ({ path }) => `${path} is a query that was not run.`,
  hint: ({ wayOut }) => wayOut ?? 'End it with all(), first(), one() or count().',
});
export type UnfinishedQueryError = InstanceType<typeof UnfinishedQueryError>;
