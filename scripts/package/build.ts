// `npm run build`: Playlink as a package of npm, in dist/ (docs/decisions/0033). `npm run build -- <folder>`
// makes it there, `npm run build -- <folder> linux-arm64` for one kind of machine only.

import { resolve } from 'node:path'
import { projectRoot } from '../run-command.ts'
import { buildPackage } from './build-package.ts'

const [folder = 'dist', machine] = process.argv.slice(2)
await buildPackage(resolve(projectRoot, folder), machine)
