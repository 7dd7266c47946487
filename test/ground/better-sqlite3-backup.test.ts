import { expect } from 'chai';
import { Scratch } from '../scratch.js';

/** Of more pages than are copied before somebody writes. */
const FILL = `create table note (body);
  insert into note with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000)
  select randomblob(1000) from n;`;

describe("better-sqlite3's backup, while another connection writes", () => {
  let scratch: Scratch;
  beforeEach(() => {
    scratch = new Scratch();
  });
  afterEach(() => scratch.remove());

  /** How often it began anew, with a write of another connection behind each of the first ten slices. */
  async function restarts(isHeld: boolean): Promise<number> {
    const writer = scratch.writer(FILL);
    const reader = scratch.open({ readonly: true });
    if (isHeld) reader.exec('begin; select count(*) from note');
    let left = Number.POSITIVE_INFINITY;
    let count = 0;
    let slices = 0;
    await reader.backup(scratch.file('copy.db'), {
      progress: ({ remainingPages }) => {
        if (remainingPages >= left) count++;
        left = remainingPages;
        if (slices++ < 10) writer.exec("insert into note values ('more')");
        return 50;
      },
    });
    const copy = scratch.open({ readonly: true }, 'copy.db');
    expect(copy.pragma('integrity_check', { simple: true })).to.equal('ok');
    expect(copy.prepare('select count(*) from note').pluck().get()).to.equal(isHeld ? 2000 : 2010);
    return count;
  }

  it('begins anew after each write, so that under load it may never end', async () => {
    expect(await restarts(false)).to.equal(9);
  });
  it('does not where its connection holds a snapshot, and copies that', async () => {
    expect(await restarts(true)).to.equal(0);
  });

  it('leaves nothing of its file where the progress function throws', async () => {
    scratch.writer(FILL);
    const reader = scratch.open({ readonly: true });
    const names = scratch.names();
    const progress = () => {
      throw new Error('stop');
    };
    const error = await reader.backup(scratch.file('copy.db'), { progress }).catch((thrown) => thrown);
    expect(error).to.have.property('message', 'stop');
    expect(scratch.names().filter((name) => !names.includes(name))).to.deep.equal([]);
  });
});
