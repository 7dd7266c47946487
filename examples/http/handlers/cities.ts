import { Handler } from '../handler.js';

export class CitiesHandler extends Handler {
  override async get() {
    const { query } = this;
    return await this.units.findCities(query.text('prefix'), query.integer('limit', { from: 1, to: 100, or: 10 }));
  }

  override async post() {
    const { body } = this;
    const city = await this.units.addCity({
      countryCode: body.text('countryCode').toUpperCase(),
      name: body.text('name'),
      population: body.integer('population', { from: 0, to: 100_000_000 }),
      latitude: body.number('latitude', { from: -90, to: 90 }),
      longitude: body.number('longitude', { from: -180, to: 180 }),
    });
    this.reply.code(201);
    return city;
  }
}
