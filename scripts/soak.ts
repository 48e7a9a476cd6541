// `npm run soak`: the soak of test/soak for 30 minutes; `-- --minutes 5` for another time, `-- --memory 512` (MB) on
// a host that has no more for it (root, Linux).

import { parseArgs } from 'node:util'
import { runJest } from './run-jest.ts'

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '30' }, memory: { type: 'string' } },
})
// The workers of jest inherit it.
process.env.SOAK_MINUTES = values.minutes
if (values.memory !== undefined) process.env.SOAK_MEMORY_MB = values.memory

const { exitCode } = await runJest(['test/soak'], (text) => process.stdout.write(text))
if (exitCode !== 0) process.exitCode = 1
