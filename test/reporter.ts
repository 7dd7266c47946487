import Mocha from 'mocha';

/**
 * Mocha's own Spec, and at the very end one line for whoever counts: `12 passed, 0 failed`.
 * It is written when the process ends, since what happens after the last test counts too:
 * Mocha would answer it with exit code 0. A suite that crashes or never ends writes no line at all.
 */
export default class Counted extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options);
    process.once('exit', (code) => {
      const { passes, failures, end } = this.stats;
      const failed = failures || (code === 0 && end ? 0 : 1);
      console.log(`${passes} passed, ${failed} failed`);
      if (failed > 0) process.exit(code || 1);
    });
  }
}
