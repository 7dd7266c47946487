import { register } from 'node:module';

// Imported by a thread before all else: writes down what it loads, in the file that the environment names.
register('./recorder-hooks.js', import.meta.url, { data: process.env.OFFTHREAD_TEST_LOADED });
