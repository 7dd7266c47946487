import { readdirSync } from 'node:fs';
import { expect } from 'chai';
import type { Results } from '../../bench/results.js';
import { Program } from '../examples/program.js';

const main = new URL('../../bench/main.js', import.meta.url);
const ground = new URL('../../../.data/bench/', import.meta.url);

describe('npm run bench', () => {
  it('measures in fresh processes, in turns, and prints JSON that says what it found', async () => {
    await using program = new Program(main, ['insert-1', '--runs', '2', '--seconds', '0.02', '--json']);
    const { code, output, errors } = await program.ended();
    expect(code, errors).to.equal(0);

    const { machine, runs, trials, lines } = JSON.parse(output) as Results;
    expect(runs).to.equal(2);
    expect(machine).to.include({ node: process.version });
    expect(trials.map(({ name }) => name)).to.deep.equal(['insert-1']);
    for (const contender of trials[0]!.contenders) {
      expect(contender.runs).to.have.length(2);
      for (const { figures } of contender.runs) expect(figures.callsPerSecond).to.be.above(0);
    }
    expect(lines.map(({ trial }) => trial)).to.deep.equal(['insert-1', 'loop-delay']);
    expect(lines[0]?.ratio?.median).to.be.above(0);
    expect(readdirSync(ground).filter((name) => name.startsWith(`${program.pid}-`))).to.be.empty;
  });

  it('says which trials there are where a name is none of theirs, and measures nothing', async () => {
    await using program = new Program(main, ['raeds']);
    const { code, output, errors } = await program.ended();
    expect(code).to.equal(1);
    expect(output).to.equal('');
    expect(errors).to.match(/called 'raeds'[\s\S]* reads +reads-1, reads-64, reads-1024/);
    expect(errors).not.to.include('    at ');
  });

  it('refuses options that it cannot mean', async () => {
    for (const [args, sentence] of [
      [['--runs', '0'], "--runs is a number above 0, not '0'"],
      [['--runs', '1.5'], '--runs is a whole number, not 1.5'],
      [['--rusn', '5'], "Unknown option '--rusn'"],
    ] as const) {
      await using program = new Program(main, args);
      const { code, errors } = await program.ended();
      expect(code).to.equal(1);
      expect(errors).to.include(sentence).and.not.to.include('    at ');
    }
  });
});
