export { hasKysely } from './plain-units.js';
export { Note } from './units.js';
