// `npm run test:browsers`: every kind of film in Chromium and Firefox, which is installed where that may be.
// `-- -t 'Firefox MKV'` is for some of them, `-- --write` puts what was found into the table of docs/browsers.md;
// what was left out stays there as it was.

import { runApart } from './run-apart.ts'
import { browserPrograms, systemPrograms } from './system-programs.ts'

await runApart('test/browsers', 'BROWSERS', [...systemPrograms, ...browserPrograms])
