// A process whose Node makes no code of strings: rows have to become objects all the same.
import { Shape } from '../../lib/wire/table.js';

const rows = new Shape(['id', 'name', '__proto__']).read([new Int32Array([1, 2]), ['a', 'b'], [null, 'c']], 0, 2);
console.log(JSON.stringify(rows));
