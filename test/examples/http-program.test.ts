import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { basename, dirname } from 'node:path';
import Database from 'better-sqlite3';
import { expect } from 'chai';
import { answer } from './answer.js';
import { Program } from './program.js';
import { copyWorld } from './world-copy.js';

const main = new URL('../../examples/http/main.js', import.meta.url);
const town = { countryCode: 'FR', name: 'Qqtown', population: 12, latitude: 45, longitude: 2 };

describe('The HTTP example as a program', function () {
  this.timeout(60_000);
  let file: string;
  before(async () => {
    file = await copyWorld();
  });
  const files = () => readdirSync(dirname(file)).filter((name) => name.startsWith(basename(file)));

  for (const [i, signal] of (['SIGINT', 'SIGTERM'] as const).entries()) {
    it(`takes no more on ${signal}, answers what it has taken, and ends with exit code 0`, async () => {
      await using program = new Program(main, [file], { PORT: '0' });
      const [, address] = await program.printed(/^serving the world on (http:\/\/127\.0\.0\.1:\d+);.*\n/);
      const lock = new Database(file);
      try {
        lock.exec('begin immediate'); // so that the new city has to wait
        const posted = fetch(`${address}/cities`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ ...town, latitude: i }),
        });
        // It came first, so when this one is answered the other has been taken.
        expect((await fetch(`${address}/countries/PT`)).status).to.equal(200);

        program.kill(signal);
        await refused(`${address}/ping`);
        lock.exec('rollback');
        const { status, headers } = await posted;
        expect(status).to.equal(201);
        expect(headers.get('connection')).to.equal('close'); // or it would wait for this client to go
      } finally {
        lock.close();
      }
      expect(await program.ended()).to.deep.include({ code: 0, signal: null, errors: '' });
      expect(answer(file, 'select count(*) from city where name = ? and latitude = ?', town.name, i)).to.equal(1);
      expect(files()).to.deep.equal([basename(file)]);
    });
  }

  it('says in a sentence that its port is none, and ends with exit code 1', async () => {
    await using program = new Program(main, [file], { PORT: 'http' });
    const { code, errors, output } = await program.ended();
    expect({ code, errors, output }).to.deep.equal({
      code: 1,
      errors:
        'the server did not start: PORT must be a whole number from 0 to 65535, but it is "http"; ' +
        'choose a port, as in PORT=3001 npm run serve\n',
      output: '',
    });
    expect(files()).to.deep.equal([basename(file)]);
  });

  it('says in a sentence that its port is taken, and ends with exit code 1', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    try {
      await using program = new Program(main, [file], { PORT: String(port) });
      const { code, errors } = await program.ended();
      expect({ code, errors }).to.deep.equal({
        code: 1,
        errors:
          `the server did not start: listen EADDRINUSE: address already in use 127.0.0.1:${port}; ` +
          'choose a port, as in PORT=3001 npm run serve\n',
      });
    } finally {
      other.close();
    }
  });
});

/** Resolves when nobody listens there any more. */
async function refused(url: string): Promise<void> {
  const ask = () =>
    fetch(url).then(
      (response) => response.text(),
      (error: Error) => error.cause,
    );
  for (let found = await ask(); !(found instanceof Error && 'code' in found && found.code === 'ECONNREFUSED'); )
    found = await ask();
}
