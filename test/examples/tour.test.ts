import { expect } from 'chai';
import { answer } from './answer.js';
import { Program } from './program.js';
import { copyWorld } from './world-copy.js';

const main = new URL('../../examples/world/main.js', import.meta.url);

describe('The tour', function () {
  this.timeout(60_000);

  it('prints what relations tell, what it measured, and one line that says what that shows', async () => {
    const file = await copyWorld();
    await using program = new Program(main, [file, '1']); // one round
    const { code, errors, output } = await program.ended();
    expect({ code, errors }).to.deep.equal({ code: 0, errors: '' });
    const ms = '\\s+[\\d.]+ ms';
    const row = (what: string, where: string, ratio: string) =>
      new RegExp(`^${what}   ${where}\\s+[\\d,]+${ms}${ms}${ms}\\s+${ratio}$`);
    const lines = output.split('\n');
    expect(lines.splice(0, 6)).to.deep.equal([
      'Belgium can talk to France (French), Germany (German), Luxembourg (French, German), Netherlands (Dutch).',
      'More countries pay with the Euro than with anything else: 37 of 250.',
      '',
      '250 pages and 2000 durable writes: plain calls one by one, the pool with 64 in flight.',
      'The delay is how late a timer of the main thread was meanwhile.',
      '',
    ]);
    expect(lines.shift()).to.match(/^ +where +calls\/s +delay p50 +p99 +max +ratio$/);
    for (const [i, [what, where, ratio]] of [
      ['a country’s page', 'main thread', ''],
      ['a country’s page', 'pool       ', '\\d+\\.\\d\\dx'],
      ['a durable write ', 'main thread', ''],
      ['a durable write ', 'pool       ', '\\d+\\.\\d\\dx'],
    ].entries())
      expect(lines[i]).to.match(row(what as string, where as string, ratio as string));
    expect(lines.splice(0, 5)[4]).to.equal('');
    expect(lines.shift()).to.match(
      /^Through the pool: a country’s page at \d+\.\d\dx, a durable write at \d+\.\d\dx the /,
    );
    expect(lines).to.deep.equal(['']);
    // Both ways wrote them.
    expect(answer(file, 'select count(*) from visit')).to.equal(4_000);
    expect(answer(file, 'select count(distinct country_code) from visit')).to.equal(250);
  });
});
