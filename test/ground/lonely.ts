// A program of its own: it runs one task that blocks for a moment, closes nothing, and ends when Node lets it.
import { Piscina } from 'piscina';
import { newCell } from './lane.js';

const cell = newCell();
const pool = new Piscina({
  filename: new URL('./lane.js', import.meta.url).href,
  minThreads: 2,
  maxThreads: 2,
  idleTimeout: Infinity,
});
process.on('exit', () => console.log(`lane returned ${Atomics.load(cell, 1)}, threads ${pool.threads.length}`));
void pool.run(cell, { name: 'blockBriefly' });
