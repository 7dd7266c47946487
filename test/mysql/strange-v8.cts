// Required by a process and its threads: their V8 reads what was serialized otherwise than it was meant, as one to come may.
const { syncBuiltinESMExports } = require('node:module');
const v8 = require('node:v8');

v8.deserialize = () => ['something else'];
syncBuiltinESMExports();
