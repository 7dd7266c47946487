import { define } from './offthread-error.js';

export const UnknownUnitError = define<{ unit: string; nearest: string | undefined; known: number }>(
  'UnknownUnitError',
  {
    code: 'OFFTHREAD_UNKNOWN_UNIT',
    sentence: ({ unit }) => `There is no unit named '${unit}'.`,
    hint: ({ nearest, known }) =>
      nearest !== undefined
        ? `Did you mean '${nearest}'?`
        : known === 0
          ? 'The pool has no units: pass createPool the option units.'
          : `The units module exports ${known} ${known === 1 ? 'unit' : 'units'}; pool.units lists them.`,
  },
);

export const UnitsModuleError = define<{ module: string; reason: string; wayOut: string }>('UnitsModuleError', {
  code: 'OFFTHREAD_UNITS_MODULE',
  sentence: ({ module, reason }) => `The units module ${module} ${reason}.`,
  hint: ({ wayOut }) => wayOut,
});

export const WrappedModuleError = define<{ module: string; reason: string; wayOut: string }>('WrappedModuleError', {
  code: 'OFFTHREAD_WRAPPED_MODULE',
  sentence: ({ module, reason }) => `The wrapped module ${module} ${reason}.`,
  hint: ({ wayOut }) => wayOut,
});

export const SetupError = define<{ module: string; role: string; reason: string }>('SetupError', {
  code: 'OFFTHREAD_SETUP',
  sentence: ({ module, role, reason }) => `The setup module ${module} ${reason} (${role} connection).`,
  hint: 'It must export a synchronous default function (connection, { dialect, role }).',
});

export const GeneratorUnitError = define<{ unit: string }>('GeneratorUnitError', {
  code: 'OFFTHREAD_GENERATOR_UNIT',
  sentence: ({ unit }) => `The unit '${unit}' is a generator, and run() answers with one value.`,
  hint: ({ unit }) => `Use pool.stream('${unit}', args), or return an array.`,
});

export const NotStreamableError = define<{ what: string; reason: string; wayOut: string }>('NotStreamableError', {
  code: 'OFFTHREAD_NOT_STREAMABLE',
  sentence: ({ what, reason }) => `${what} cannot be streamed: ${reason}.`,
  hint: ({ wayOut }) => wayOut,
});

export const NotPortableError = define<{ path: string; found: string; wayOut: string }>('NotPortableError', {
  code: 'OFFTHREAD_NOT_PORTABLE',
  sentence: ({ path, found }) => `${path} cannot cross between threads: it is ${found}.`,
  hint: ({ wayOut }) => wayOut,
});

export const PromiseResultError = define<{ unit: string }>('PromiseResultError', {
  code: 'OFFTHREAD_PROMISE_RESULT',
  sentence: ({ unit }) => `${unit} returned a promise, so its work was rolled back.`,
  hint: 'It is synchronous by design: remove async, and await outside of it.',
});

export const UnfinishedQueryError = define<{ path: string }>('UnfinishedQueryError', {
  code: 'OFFTHREAD_UNFINISHED_QUERY',
  sentence: ({ path }) => `${path} is a query that was not run.`,
  hint: 'End it with all(), first(), one() or count().',
});
