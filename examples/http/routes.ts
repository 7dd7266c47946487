import { CitiesHandler } from './handlers/cities.js';
import { CountryHandler } from './handlers/country.js';
import { PingHandler } from './handlers/ping.js';

export const routes = {
  '/ping': PingHandler,
  '/countries/:code': CountryHandler,
  '/cities': CitiesHandler,
};
