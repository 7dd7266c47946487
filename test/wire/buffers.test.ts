import { expect } from 'chai';
import { createPool, type Pool, sql } from 'offthread';

describe('a Buffer', () => {
  let pool: Pool;
  before(async () => {
    pool = await createPool({ database: 'sqlite::memory:', units: new URL('./units.js', import.meta.url) });
  });
  after(() => pool.close());

  it('is a Buffer for the unit, and comes back as one', async () => {
    expect(await pool.run('look', [Buffer.from('a')])).to.include({ isBuffer: true, prototype: 'Buffer' });
    const back = await pool.run('echo', [Buffer.from('Ada')]);
    expect(Buffer.isBuffer(back)).to.equal(true);
    expect(back.toString()).to.equal('Ada');
  });

  it('is one wherever it is: in objects, arrays, Maps and Sets', async () => {
    const sent = { deep: [{ map: new Map([['b', new Set([Buffer.from('x')])]]) }], empty: Buffer.alloc(0) };
    const back = await pool.run('echo', [sent]);
    const [inner] = [...back.deep[0].map.get('b')];
    expect([Buffer.isBuffer(inner), inner.toString(), Buffer.isBuffer(back.empty)]).to.deep.equal([true, 'x', true]);
  });

  it('is the same one where it was the same, and a Uint8Array stays one', async () => {
    const same = Buffer.from('same');
    const back = await pool.run('echo', [{ first: same, again: [same], plain: Uint8Array.of(1) }]);
    expect(back.again[0]).to.equal(back.first);
    expect(Buffer.isBuffer(back.first)).to.equal(true);
    expect(Object.getPrototypeOf(back.plain)).to.equal(Uint8Array.prototype);
    const made = await pool.run('bytes');
    expect(made.again[0]).to.equal(made.first);
    expect([made.first.toString(), made.map.get('b').toString()]).to.deep.equal(['same', 'other']);
    expect(Object.getPrototypeOf(made.plain)).to.equal(Uint8Array.prototype);
  });

  it('sent brings no more than its own bytes, though it is a slice of a larger one', async () => {
    const back = await pool.run('echo', [Buffer.from('a long secret, and Ada').subarray(-3)]);
    expect([back.toString(), back.buffer.byteLength]).to.deep.equal(['Ada', 3]);
  });

  it('of the sender stays what it was: nothing is taken away or changed', async () => {
    const sent = Buffer.from('mine');
    await Promise.all([pool.run('echo', [sent]), pool.run('echo', [{ sent }]), pool.run(sql`select ${sent}`)]);
    expect([sent.toString(), sent.buffer.byteLength > 0]).to.deep.equal(['mine', true]);
  });

  it('of one row is not that of another', async () => {
    const rows = await pool.run(sql<{ b: Buffer }>`select x'01' as b union all select x'02'`);
    rows[0]?.b.fill(9);
    expect(rows).to.deep.equal([{ b: Buffer.from([9]) }, { b: Buffer.from([2]) }]);
  });
});
