/** A bench that starts what outlives its parent, and says so: its folder, and the process. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { leaveNothingBehind, onEnd } from '../../bench/left-behind.ts'
import { startProgram } from '../../bench/streaming/program.ts'

const [marker = '', how = ''] = process.argv.slice(2)
leaveNothingBehind()
const folder = mkdtempSync(join(tmpdir(), 'playlink-left-'))
writeFileSync(join(folder, 'film.mkv'), 'bytes')
onEnd(() => writeFileSync(marker, 'undone'))
onEnd(() => {
  throw new Error('this one fails')
})
onEnd(() => writeFileSync(marker, 'never'))()
// A shell of its own group, with a child of its own.
const program = await startProgram(['sh', '-c', 'sleep 600 & echo $!; wait'])
process.stdout.write(
  `${JSON.stringify({ folder, pids: [program.pid, Number(program.firstLine)] })}\n`,
)
if (how === 'error') throw new Error('the bench failed')
if (how === 'end') process.exit(0)
