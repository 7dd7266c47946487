// `npm run api`: the public declarations as they are now, into api/.
import { writeReports } from './check-api.js';

writeReports(process.cwd());
