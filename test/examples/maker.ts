import { makeWorld } from '../../examples/world/world.js';

// A process that makes the world: one that can be killed while it does, or made to fail.
console.log(await makeWorld(process.argv[2]));
