import { existsSync, writeFileSync } from 'node:fs';
import { mock } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { type Failure, failureOf } from './failure.js';
import { Shop } from './shop.js';

/** A module that says when it is at work, and what opening a pool with it was rejected with when the time for that was over. */
async function openWith(shop: Shop, option: 'units' | 'setup', text: string): Promise<{ error: Failure; url: string }> {
  const [module, sign] = [shop.path('module.mjs'), shop.path('at-work')];
  writeFileSync(
    module,
    `import { writeFileSync } from 'node:fs';\nconst sign = () => writeFileSync(${JSON.stringify(sign)}, '');\n${text}`,
  );
  const url = pathToFileURL(module).href;
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const failure = failureOf(shop.open({ [option]: url }));
    while (!existsSync(sign)) await turn();
    mock.timers.tick(30_000);
    return { error: await failure, url };
  } finally {
    mock.timers.reset();
  }
}

describe('a pool whose lane is not open in time', () => {
  for (const [what, text] of [
    ['awaits what never comes', 'sign();\nawait new Promise(() => {});'],
    ['never ends a loop', 'sign();\nfor (;;);'],
  ] as const) {
    it(`since its units module ${what} is rejected with an error that names the module`, async () => {
      await using shop = new Shop();
      const { error, url } = await openWith(shop, 'units', text);
      expect(error).to.include({ name: 'UnitsModuleError', code: 'OFFTHREAD_UNITS_MODULE', module: url });
      expect(error.message).to.equal(
        `The units module ${url} did not finish loading within 30000 ms. In it, or in what it imports, a top-level await is never settled, or a loop never ends.`,
      );
    });
  }

  for (const [what, text] of [
    ['is never imported to its end', 'sign();\nawait new Promise(() => {});'],
    ['never returns', 'export default () => {\n  sign();\n  for (;;);\n};'],
  ] as const) {
    it(`since its setup module ${what} is rejected with an error that names the module`, async () => {
      await using shop = new Shop();
      const { error, url } = await openWith(shop, 'setup', text);
      expect(error).to.include({ name: 'SetupError', code: 'OFFTHREAD_SETUP', module: url });
      expect(error.message).to.match(/ did not finish loading within 30000 ms \(writer connection\)\./);
    });
  }
});

describe('a pool whose lane ends its thread before it is open', () => {
  for (const [option, text, name] of [
    ['units', 'process.exit(2);', 'UnitsModuleError'],
    ['setup', 'export default () => process.exit(2);', 'SetupError'],
  ] as const) {
    it(`is rejected with an error that names the module: ${option}`, async () => {
      await using shop = new Shop();
      const module = shop.path('module.mjs');
      writeFileSync(module, text);
      const error = await failureOf(shop.open({ [option]: pathToFileURL(module).href }));
      expect(error).to.include({ name, module: pathToFileURL(module).href });
      expect(error.message).to.match(/ ended its thread \(worker exited with code: 2\)/);
      expect(error.cause).to.have.property('message', 'worker exited with code: 2');
    });
  }
});
