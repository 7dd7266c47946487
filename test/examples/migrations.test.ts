import { expect } from 'chai';
import { migrated } from '../../examples/programs/migrations.js';
import { Scratch } from '../scratch.js';

describe("Kysely's migrator", () => {
  it('makes the tables of entities step by step, and a session says which column is not there yet', async () => {
    const scratch = new Scratch();
    const printed: string[] = [];
    try {
      await migrated(scratch.file(), (...values) => void printed.push(values.join(' ')));
    } finally {
      scratch.remove();
    }
    expect(printed).to.deep.equal([
      'Up 2026-01-01-person Success',
      "The table 'person' has no column 'nickname' for Person. Add what is missing by a migration, or say how it is called there: text('its_name').",
      'Up 2026-02-01-nickname Success',
      '1',
    ]);
  });
});
