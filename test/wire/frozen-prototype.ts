// A process in which no object can be given a new toString by assigning one: a column of that name has its cells all the same.
import { Shape } from '../../lib/wire/table.js';

Object.freeze(Object.prototype);
const rows = new Shape(['id', 'toString', 'constructor']).read([[1], ['a'], [null]], 0, 1);
console.log(JSON.stringify(rows));
