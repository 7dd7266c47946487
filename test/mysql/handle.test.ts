import { expect } from 'chai';
import { type Handle, kindOf, takes } from '../../lib/connection/mysql/handle.js';

describe('a prepared statement on MySQL', () => {
  const first = (...values: readonly unknown[]): Handle => ({ id: 1, kinds: values.map(kindOf) });

  it('takes values of the kinds that it was given first, and no others, which MySQL would convert', () => {
    const samples = { number: [7, 0.5, true], bigint: [2n ** 60n], text: ['', new Date(), Buffer.from('x')] };
    for (const [kind, values] of Object.entries(samples))
      for (const [other, others] of Object.entries(samples))
        for (const value of values)
          for (const next of others)
            expect(takes(first(value), [next]), `${other} behind ${kind}`).to.equal(kind === other);
  });

  it('learns of a place that was null when it gets its first value', () => {
    const handle = first(1, null);
    expect(takes(handle, [null, null])).to.equal(true);
    expect(takes(handle, ['text', 'text'])).to.equal(false);
    expect(takes(handle, [2, 'text'])).to.equal(true);
    expect(takes(handle, [2, 3])).to.equal(false);
  });

  it('takes all of them on MariaDB', () => {
    const handle: Handle = { id: 1, kinds: undefined };
    for (const value of [1, 'text', 2n, null]) expect(takes(handle, [value])).to.equal(true);
  });
});
