// `npm run test:interop`: BitTorrent clients of others, each in every situation of test/interop. What is not
// there is installed where that may be, else left out. `-- -t Transmission` is for one of them, `-- --write`
// puts what was found into the table of docs/swarms.md; what was left out stays there as it was.

import { runApart } from './run-apart.ts'
import { interopPrograms } from './system-programs.ts'

await runApart('test/interop', 'INTEROP', interopPrograms)
