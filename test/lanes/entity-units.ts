// All units, those with entities too.
export * as hazard from './entity-hazards.js';
export * as streams from './entity-streams.js';
export { Note } from './note.js';
export { hasKysely } from './plain-units.js';
export * from './units.js';
