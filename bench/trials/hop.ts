import { openMessagePort } from '../contenders/message-port.js';
import { keyOf } from '../database.js';
import { measureCallers } from '../load.js';
import type { Trial } from '../trial.js';
import { plan } from './reads.js';

export const hop: readonly Trial[] = [
  {
    name: 'one-call',
    group: 'hop',
    title: 'one call at a time',
    contenders: {
      port: {
        title: 'a bare MessagePort round trip',
        measure: async (setting) => {
          await using port = await openMessagePort(setting.users);
          return await measureCallers((i) => port.get(keyOf(i)), 1, setting);
        },
      },
      plan: plan(1),
    },
    comparisons: [
      {
        what: 'time against a bare round trip',
        figure: 'callTime',
        of: 'plan',
        against: 'port',
        goal: { must: 1.5, aim: 1.15 },
      },
    ],
  },
];
