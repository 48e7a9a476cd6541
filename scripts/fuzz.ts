// `npm run fuzz`: each property of test/fuzz for a minute. `-- --seconds 600 --seed 5 test/fuzz/xml`.

import { parseArgs } from 'node:util'
import { runJest } from './run-jest.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string' } },
})
// The workers of jest inherit them.
process.env.FUZZ_SECONDS = values.seconds
if (values.seed !== undefined) process.env.FUZZ_SEED = values.seed

const paths = positionals.length > 0 ? positionals : ['test/fuzz']
const { exitCode } = await runJest(paths, (text) => process.stdout.write(text))
if (exitCode !== 0) process.exitCode = 1
