import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { violations } from '../../scripts/check-layout.js';
import { Tree } from './tree.js';

const sound = {
  'lib/errors.ts': 'export class OffthreadError extends Error {}',
  'lib/plan/unit.ts': "import { OffthreadError } from '../errors.js'; export const unit = OffthreadError;",
  'lib/wire/batch.ts': "import type { unit } from '../plan/unit.js'; export type Batch = typeof unit[];",
  'lib/connection/sqlite.ts':
    "import { createRequire } from 'node:module'; const load = createRequire(import.meta.url); export const open = () => load('better-sqlite3');",
  'lib/orm/session.ts':
    "import { open } from '../connection/sqlite.js'; export type Sync<R> = R extends PromiseLike<unknown> ? never : R; export const session = open;",
  'lib/lanes/lane.ts': "import { Piscina } from 'piscina'; export const lane = async () => new Piscina();",
  'lib/pool.ts': "import { lane } from './lanes/lane.js'; export const pool = async () => await lane();",
  'lib/kysely.ts': "import { driver } from './kysely/driver.js'; export const dialect = driver;",
  'lib/kysely/driver.ts': "import { pool } from '../pool.js'; export const driver = pool;",
  'lib/index.ts': "export { pool } from './pool.js'; export { OffthreadError } from './errors.js';",
  'workers/entry.ts': "import { session } from '../lib/orm/session.js'; export default async () => session;",
  'workers/loop.ts': "import type { Batch } from '../lib/wire/batch.js'; export const serve = (batch: Batch) => batch;",
  'test/loop.test.ts': "import Database from 'better-sqlite3'; await Promise.resolve(Database);",
};

/** What is found in a sound tree once these files stand in it. */
function found(files: Readonly<Record<string, string>>): string[] {
  using tree = new Tree({ ...sound, ...files });
  return violations(tree.root);
}

function expectOne(files: Readonly<Record<string, string>>, place: string, text: string): void {
  const lines = found(files);
  expect(lines, lines.join('\n')).to.have.lengthOf(1);
  expect(lines[0]).to.satisfy((line: string) => line.startsWith(`${place}: `), lines[0]);
  expect(lines[0]).to.contain(text);
}

describe('the layout', () => {
  it('finds nothing in a sound tree', () => {
    expect(found({})).to.deep.equal([]);
  });

  it('holds in this repository', () => {
    const root = fileURLToPath(new URL('../../../', import.meta.url));
    expect(existsSync(`${root}/lib/pool.ts`) && existsSync(`${root}/workers/entry.ts`)).to.equal(true);
    expect(violations(root)).to.deep.equal([]);
  });

  describe('two threads', () => {
    for (const target of ['lib/pool.ts', 'lib/lanes/lane.ts'])
      it(`keeps workers/ from importing ${target}`, () => {
        const text = `\nimport type * as far from '../${target.replace('.ts', '.js')}'; export type Far = typeof far;`;
        expectOne({ 'workers/far.ts': text }, 'workers/far.ts:2', `never imports ${target}`);
      });

    it('keeps lib from importing workers/', () => {
      const text = "export const serve = import('../../workers/loop.js');";
      expectOne({ 'lib/lanes/start.ts': text }, 'lib/lanes/start.ts:1', 'name the entry by URL');
    });
  });

  describe('synchronous rooms', () => {
    const waits = {
      'an async function': ['export const go = async () => 1;', 'async'],
      'an async method': ['export class A { async go() {} }', 'async'],
      'an async generator': ['export const a = { async *go() {} };', 'async'],
      'a top-level await': ['export const a = await 1;', 'await'],
      'for await': ['export function go(a: never) { for await (const b of a) return b; }', 'for await'],
      'await using': ['await using a = null; export { a };', 'await using'],
      'a promise made': ['export const a = new Promise(() => {});', 'Promise'],
      'a promise taken': ['export const a = Promise.resolve;', 'Promise'],
      'a promise as a type': ['export type A = Promise<1>;', 'Promise'],
      'a then': ['export const go = (a: PromiseLike<1>) => a.then(() => 1);', '.then('],
    } as const;
    for (const [what, [text, word]] of Object.entries(waits))
      for (const room of ['lib/orm', 'lib/connection'])
        it(`refuse ${what} in ${room}/`, () => {
          expectOne({ [`${room}/slow.ts`]: text }, `${room}/slow.ts:1`, `is synchronous: no \`${word}\``);
        });

    for (const name of ['node:worker_threads', 'worker_threads', 'comlink', 'comlink/dist/esm/comlink.js'])
      it(`know no thread: ${name}`, () => {
        const text = `import * as thread from '${name}'; export { thread };`;
        expectOne({ 'lib/orm/thread.ts': text }, 'lib/orm/thread.ts:1', 'knows no thread');
      });

    for (const name of ['entry', 'wrap', 'relay', 'backup'])
      it(`let workers/${name}.ts wait`, () => {
        expect(found({ [`workers/${name}.ts`]: 'export const a = await new Promise(() => {});' })).to.deep.equal([]);
      });

    it('let no other file of workers/ wait', () => {
      expectOne({ 'workers/other.ts': 'export const a = await 1;' }, 'workers/other.ts:1', 'may wait: no `await`');
    });
  });

  describe('downward imports', () => {
    const upward = {
      'lib/errors.ts': './plan/unit.js',
      'lib/plan/up.ts': '../wire/batch.js',
      'lib/wire/up.ts': '../connection/sqlite.js',
      'lib/connection/up.ts': '../orm/session.js',
      'lib/orm/up.ts': '../pool.js',
      'lib/lanes/up.ts': '../orm/session.js',
      'lib/pool.ts': './orm/session.js',
      'lib/index.ts': './lanes/lane.js',
    };
    for (const [path, target] of Object.entries(upward))
      for (const form of [`import type {} from '${target}';`, `export * from '${target}';`])
        it(`${path} refuses ${form}`, () => {
          const lines = found({ [path]: form }).filter((line) => !line.includes('no circles'));
          expect(lines).to.have.lengthOf(1);
          expect(lines[0]).to.contain(`${path}:1: imports run downward only`);
        });

    it('sees a type imported in place', () => {
      const text = "export type Up = import('../wire/batch.js').Batch;";
      expectOne({ 'lib/plan/up.ts': text }, 'lib/plan/up.ts:1', 'imports run downward only');
    });

    it('sees what leaves the house', () => {
      const text = "export * from '../../test/loop.test.js';";
      expectOne({ 'lib/plan/out.ts': text }, 'lib/plan/out.ts:1', 'not test/loop.test.ts');
    });

    it('refuses the package by its own name', () => {
      expectOne({ 'lib/plan/own.ts': "export * from 'offthread/orm';" }, 'lib/plan/own.ts:1', 'by path');
    });

    it('refuses a folder without a room', () => {
      expectOne({ 'lib/misc/thing.ts': 'export {};' }, 'lib/misc/thing.ts:1', 'no room of this name');
    });
  });

  describe('circles', () => {
    it('are refused in one room, types included', () => {
      const files = {
        'lib/plan/a.ts': "import type { B } from './b.js'; export type A = B;",
        'lib/plan/b.ts': "\nimport type { C } from './c.js'; export type B = C;",
        'lib/plan/c.ts': "\n\nexport type C = import('./a.js').A;",
      };
      expectOne(files, 'lib/plan/c.ts:3', 'lib/plan/a.ts -> lib/plan/b.ts -> lib/plan/c.ts -> lib/plan/a.ts');
    });

    it('are no paths that meet again', () => {
      const files = {
        'lib/plan/a.ts': "import './b.js'; import './c.js';",
        'lib/plan/b.ts': "import './d.js';",
        'lib/plan/c.ts': "import './d.js';",
        'lib/plan/d.ts': 'export {};',
      };
      expect(found(files)).to.deep.equal([]);
    });
  });

  describe("adapters' peers", () => {
    const types = "import type { FastifyRequest } from 'fastify'; export type Request = FastifyRequest;";
    const api = "import { trace } from '@opentelemetry/api'; export const tracer = trace;";

    it('are imported by their adapters', () => {
      const files = { 'lib/fastify.ts': types, 'lib/otel.ts': api, 'lib/otel/spans.ts': api };
      expect(found(files)).to.deep.equal([]);
    });

    it('are imported by nobody else', () => {
      const files = { 'lib/lanes/request.ts': types };
      expectOne(files, 'lib/lanes/request.ts:1', "lanes imports no adapter's peer, types included: fastify belongs to");
      expectOne({ 'lib/plan/trace.ts': api }, 'lib/plan/trace.ts:1', '@opentelemetry/api belongs to otel');
    });
  });

  describe('one importer', () => {
    const forms = {
      'an import': "import Database from 'better-sqlite3'; export { Database };",
      'a type import': "import type Database from 'better-sqlite3'; export type { Database };",
      'a type in place': "export type D = import('better-sqlite3').Database;",
      'a dynamic import': "export const load = () => import('better-sqlite3');",
      'an export from': "export { default } from 'better-sqlite3';",
      'a path inside': "import Database from 'better-sqlite3/lib/database.js'; export { Database };",
      require: "declare const require: (name: string) => unknown; export const D = require('better-sqlite3');",
      createRequire:
        "import * as m from 'node:module'; export const D = m.createRequire(import.meta.url)('better-sqlite3');",
    };
    for (const [what, text] of Object.entries(forms))
      it(`counts ${what}`, () => {
        const lines = found({ 'lib/connection/second.ts': text });
        expect(lines).to.have.lengthOf(2);
        expect(lines[0]).to.contain('lib/connection/second.ts:1: better-sqlite3 has one importer');
        expect(lines[1]).to.contain('lib/connection/sqlite.ts:1: better-sqlite3 has one importer');
      });

    it('counts no name in a text', () => {
      expect(found({ 'lib/plan/hint.ts': "export const hint = String('better-sqlite3');" })).to.deep.equal([]);
    });
  });

  describe('names', () => {
    for (const path of [
      'lib/orm/util.ts',
      'lib/utils.ts',
      'test/common.ts',
      'workers/helpers.ts',
      'lib/wire/types.d.ts',
    ])
      it(`refuse ${path}`, () => {
        expectOne({ [path]: 'export {};' }, `${path}:1`, 'a file is one noun');
      });
  });
});
