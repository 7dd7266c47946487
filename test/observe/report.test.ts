import { expect } from 'chai';
import { type CallReport, sql } from 'offthread';
import { failureOf } from '../pool/failure.js';
import { newStage, onEach, type Stage } from './stage.js';

const counts = ({ attempts, queries, lazyLoads, rows }: CallReport) => ({ attempts, queries, lazyLoads, rows });

onEach('the report of a call', (dialect) => {
  let stage: Stage;
  before(async () => {
    stage = await newStage(dialect, { threads: 1 });
  });
  after(() => stage.remove());

  it('comes with the result, and counts queries, loads by a touch, and rows', async () => {
    const { result, report } = await stage.pool.run('titles', [], { report: true });
    expect(result).to.deep.equal([
      ['One', 'Two'],
      ['One', 'Two'],
    ]);
    expect(counts(report)).to.deep.equal({ attempts: 1, queries: 2, lazyLoads: 1, rows: 2 + 4 });
  });

  it('counts a load that needed no query', async () => {
    const { result, report } = await stage.pool.run('known', [], { report: true });
    expect(result).to.equal('Ada');
    expect(counts(report)).to.deep.equal({ attempts: 1, queries: 2, lazyLoads: 2, rows: 2 + 4 });
  });

  it('counts rows that are read one after another', async () => {
    const { report } = await stage.pool.run('firstNames', [], { report: true });
    expect(counts(report)).to.deep.equal({ attempts: 1, queries: 1, lazyLoads: 0, rows: 2 });
  });

  it('is there for queries, for lists, and for what changes something', async () => {
    const { pool } = stage;
    const query = await pool.run(sql<{ name: string }>`select name from author where id > ${0}`, { report: true });
    expect(query.result).to.have.length(2);
    expect(counts(query.report)).to.deep.equal({ attempts: 1, queries: 1, lazyLoads: 0, rows: 2 });

    const list = await pool.run([pool.plan('rename', [1, 'Ada']), sql`select 1 as one`], { report: true });
    expect(list.result).to.deep.equal([undefined, [{ one: 1 }]]);
    expect(counts(list.report)).to.deep.equal({ attempts: 1, queries: 2, lazyLoads: 0, rows: 2 });

    const written = await pool.run(sql`update author set name = ${'Ada'} where id = ${1}`, { report: true });
    expect(counts(written.report)).to.include({ queries: 1, rows: 0 });
  });

  it('tells of each of many calls that crossed together its own', async () => {
    const query = (least: number) => sql`select id from author where id > ${least}`;
    const reports = await Promise.all([
      stage.pool.run(query(0), { report: true }),
      stage.pool.run(query(0)),
      stage.pool.run(query(1), { report: true }),
      stage.pool.run(query(2), { report: true }),
    ]);
    expect(reports[1]).to.deep.equal([{ id: 1 }, { id: 2 }]);
    expect([0, 2, 3].map((i) => (reports[i] as { report: CallReport }).report.rows)).to.deep.equal([2, 1, 0]);
  });

  it('has times that add up, and the lane that is in the statistics', async () => {
    const { report } = await stage.pool.run('spin', [20], { report: true });
    expect(report.wait).to.be.at.least(0);
    expect(report.run).to.be.at.least(20);
    expect(report.duration).to.be.at.least(report.wait + report.run);
    const lane = stage.pool.stats().lanes.find(({ id }) => id === report.lane.id);
    expect(lane).to.include({ role: report.lane.role });
  });

  it('is not there where the call fails: the error is the same', async () => {
    const error = await failureOf(stage.pool.run('fail', [], { report: true }));
    expect(error).to.have.property('name', 'DatabaseError');
    expect(error.stack).to.include('-- called from --').and.include('report.test.js');
  });

  it('false is the same as without', async () => {
    expect(await stage.pool.run(sql`select 1 as one`, { report: false })).to.deep.equal([{ one: 1 }]);
  });
});
