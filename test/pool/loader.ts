// Reads TypeScript on a thread. `--import tsx` by itself does so on the main thread only.
import { register } from 'tsx/esm/api';

register();
