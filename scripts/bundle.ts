import { type InputOptions, type OutputOptions, rolldown } from 'rolldown';

// What users load: the library in a few files instead of two hundred. To find, read and link each by itself costs a
// thread more than all else that it does before its first call.

const BUNDLE = 'dist/bundle';

await bundle(
  {
    input: {
      'lib/index': 'lib/index.ts',
      'lib/orm/index': 'lib/orm/index.ts',
      'lib/kysely': 'lib/kysely.ts',
      'lib/otel': 'lib/otel.ts',
      'lib/fastify': 'lib/fastify.ts',
      'workers/entry': 'workers/entry.ts',
      'workers/wrap': 'workers/wrap.ts',
      'workers/relay': 'workers/relay.ts',
      'workers/backup': 'workers/backup.ts',
    },
    // Packages come from where they are installed: units and the library share one Kysely.
    external: /^[^./]/,
  },
  {
    dir: BUNDLE,
    // As deep as the sources that name a file of workers/ by its relative URL.
    chunkFileNames: ({ moduleIds }) =>
      moduleIds.some((id) => id.includes('/workers/')) ? 'workers/[name].js' : 'lib/chunks/[name].js',
  },
);
// What Piscina requires: each imports one of the files above.
await bundle(
  {
    input: { thread: 'workers/thread.cts', 'wrap-thread': 'workers/wrap-thread.cts' },
    external: /^\.\/(entry|wrap)\.js$/,
  },
  { dir: `${BUNDLE}/workers`, format: 'cjs', entryFileNames: '[name].cjs' },
);

async function bundle(input: InputOptions, output: OutputOptions): Promise<void> {
  const bundled = await rolldown({
    ...input,
    platform: 'node',
    resolve: { extensionAlias: { '.js': ['.ts'] } },
    // Such as a file that is not found, which would be left to be found by whoever loads the bundle.
    onwarn: ({ message }) => {
      throw new Error(message);
    },
  });
  await bundled.write({ ...output, sourcemap: true });
}
