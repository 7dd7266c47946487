// Compiled, never run: what a call answers, as the caller sees it.
import { createPool } from 'offthread';
import { type Equal, is } from './equal.js';
import type * as units from './shop.js';

const pool = await createPool<typeof units>({
  database: 'sqlite::memory:',
  units: new URL('./shop.js', import.meta.url),
});

const page = await pool.run('userPage', [7], { timeout: 500 });
is<Equal<typeof page, { name: string; streets: string[] } | undefined>>();

const same = await pool.units.userPage(7);
is<Equal<typeof same, typeof page>>();

const everyone = await pool.run('everyone');
is<Equal<(typeof everyone)[number]['name'], string>>();
is<Equal<(typeof everyone)[number]['addresses'][number]['street'], string>>();
is<'label' extends keyof (typeof everyone)[number] ? false : true>();

const [renamed, listed] = await pool.run([pool.plan('rename', [7, 'Ada']), pool.plan('everyone')]);
is<Equal<typeof renamed, void>>();
is<Equal<typeof listed, typeof everyone>>();
