// `npm run soak`: the soak of test/soak for 30 minutes; `-- --minutes 5` for another time.

import { parseArgs } from 'node:util'
import { runJest } from './run-jest.ts'

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '30' } } })
// The workers of jest inherit it.
process.env.SOAK_MINUTES = values.minutes

const { exitCode } = await runJest(['test/soak'], (text) => process.stdout.write(text))
if (exitCode !== 0) process.exitCode = 1
