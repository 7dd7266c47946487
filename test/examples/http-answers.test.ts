import { expect } from 'chai';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { buildServer } from '../../examples/http/server.js';
import { openWorld, type World } from '../../examples/world/world.js';
import { copyWorld } from './world-copy.js';

const town = { countryCode: 'FR', name: 'Qqtown', population: 12, latitude: 45, longitude: 2 };
const text = (name: string, found: string) => `${name} must be text of 1 to 200 characters, but it is ${found}`;
const people = (found: string) => `population must be a whole number from 0 to 100000000, but it is ${found}`;
const limit = (found: string) => `limit must be a whole number from 1 to 100, but it is ${found}`;

describe('The HTTP example', function () {
  this.timeout(60_000);
  const logged: string[] = [];
  let pool: World;
  let server: FastifyInstance;
  before(async () => {
    pool = await openWorld(await copyWorld());
    server = buildServer(pool, { logger: { level: 'warn', stream: { write: (line) => void logged.push(line) } } });
  });
  after(async () => {
    await server.close();
    await pool.close();
  });

  const ask = async (request: InjectOptions | string) => {
    const answer = await server.inject(request);
    expect(answer.headers['content-type']).to.equal('application/json; charset=utf-8');
    return { status: answer.statusCode, body: answer.json() };
  };
  const post = (payload: unknown) => ask({ method: 'POST', url: '/cities', payload: payload as object });

  it('answers /ping', async () => {
    expect(await ask('/ping')).to.deep.equal({ status: 200, body: { ping: 'pong' } });
  });

  it("answers a country's page, by its code in capitals or not", async () => {
    const { status, body } = await ask('/countries/PT');
    expect(status).to.equal(200);
    expect(body).to.deep.include({
      code: 'PT',
      name: 'Portugal',
      languages: ['Portuguese'],
      currencies: [{ code: 'EUR', name: 'Euro', symbol: '€' }],
      neighbours: [{ code: 'ES', name: 'Spain', largestCity: 'Madrid' }],
    });
    expect(body.largestCities).to.have.length(10);
    expect(body.largestCities[0]).to.deep.equal({ name: 'Lisbon', population: 517_802 });
    expect((await ask('/countries/pt')).body).to.deep.equal(body);
  });

  it('answers a search, at most ten where the client does not say', async () => {
    const { status, body } = await ask('/cities?prefix=lon&limit=1');
    expect(status).to.equal(200);
    expect(body).to.deep.equal([
      {
        id: 2_643_743,
        name: 'London',
        country: 'United Kingdom',
        population: 7_556_900,
        latitude: 51.50853,
        longitude: -0.12574,
      },
    ]);
    expect((await ask('/cities?prefix=lon')).body).to.have.length(10);
    expect(await ask('/cities?prefix=qqq')).to.deep.equal({ status: 200, body: [] });
  });

  it('takes a new city once, and says so the second time', async () => {
    const { status, body } = await post({ ...town, countryCode: 'fr' });
    expect(status).to.equal(201);
    expect(body).to.deep.equal({ ...town, id: body.id });
    expect(await post(town)).to.deep.equal({
      status: 409,
      body: { error: 'Qqtown in France is there already, at the same place' },
    });
    expect((await ask('/cities?prefix=Qqtown&limit=100')).body).to.deep.include({
      id: body.id,
      name: 'Qqtown',
      country: 'France',
      population: 12,
      latitude: 45,
      longitude: 2,
    });
  });

  const refused: [what: string, request: InjectOptions | string, status: number, error: string][] = [
    ['an unknown country', '/countries/XX', 404, 'there is no country with the code XX'],
    ['an unknown page', '/nothing', 404, 'there is nothing at GET /nothing'],
    ['an unknown method', { method: 'DELETE', url: '/cities' }, 404, 'there is nothing at DELETE /cities'],
    ['a blank code', '/countries/%20', 400, text('code', '" "')],
    ['a search for nothing', '/cities', 400, text('prefix', 'missing')],
    ['two prefixes', '/cities?prefix=a&prefix=b', 400, text('prefix', '["a","b"]')],
    ['a limit of 0', '/cities?prefix=a&limit=0', 400, limit('"0"')],
    ['a limit of 101', '/cities?prefix=a&limit=101', 400, limit('"101"')],
    ['a limit that is no number', '/cities?prefix=a&limit=some', 400, limit('"some"')],
    ['an empty limit', '/cities?prefix=a&limit=', 400, limit('""')],
  ];
  for (const [what, request, status, error] of refused)
    it(`refuses ${what}`, async () => expect(await ask(request)).to.deep.equal({ status, body: { error } }));

  const bad: [what: string, payload: unknown, error: string, status?: number][] = [
    ['nobody', undefined, 'the body must be a JSON object'],
    ['a list', [town], text('countryCode', 'missing')],
    ['no name', { ...town, name: undefined }, text('name', 'missing')],
    ['a blank name', { ...town, name: ' ' }, text('name', '" "')],
    ['a name that is a number', { ...town, name: 7 }, text('name', '7')],
    ['a name of 201 letters', { ...town, name: 'a'.repeat(201) }, text('name', `"${'a'.repeat(59)}…`)],
    ['a name with half of a character', { ...town, name: 'a\ud800' }, text('name', '"a\\ud800"')],
    ['half a person', { ...town, population: 0.5 }, people('0.5')],
    ['fewer than nobody', { ...town, population: -1 }, people('-1')],
    ['too many people', { ...town, population: 100_000_001 }, people('100000001')],
    ['people who are a truth', { ...town, population: true }, people('true')],
    ['a latitude of 91', { ...town, latitude: 91 }, 'latitude must be a number from -90 to 90, but it is 91'],
    ['no longitude', { ...town, longitude: null }, 'longitude must be a number from -180 to 180, but it is null'],
    ['an unknown country', { ...town, countryCode: 'XX' }, 'there is no country with the code XX', 404],
  ];
  for (const [what, payload, error, status = 400] of bad)
    it(`refuses a city of ${what}`, async () => expect(await post(payload)).to.deep.equal({ status, body: { error } }));

  it('refuses a body that is no JSON, or no text that it knows', async () => {
    const send = (type: string, payload: string) =>
      ask({ method: 'POST', url: '/cities', headers: { 'content-type': type }, payload });
    expect((await send('application/json', '{ bad')).status).to.equal(400);
    expect((await send('text/plain', 'hello')).status).to.equal(400);
    expect((await send('application/xml', '<a/>')).status).to.equal(415);
  });

  it('has logged nothing: all of this was the client’s', () => {
    expect(logged).to.deep.equal([]);
  });
});
