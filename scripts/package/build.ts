// `npm run build`: Playlink as a package of npm, in dist/ (docs/decisions/0033). `npm run build -- <folder>`
// makes it there.

import { resolve } from 'node:path'
import { projectRoot } from '../run-command.ts'
import { buildPackage } from './build-package.ts'

await buildPackage(resolve(projectRoot, process.argv[2] ?? 'dist'))
