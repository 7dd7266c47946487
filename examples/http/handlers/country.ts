import { Handler } from '../handler.js';

export class CountryHandler extends Handler {
  override async get() {
    return await this.units.countryPage(this.params.text('code').toUpperCase());
  }
}
