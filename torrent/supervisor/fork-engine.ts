import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { moduleBeside } from '../../common/host/module-beside.ts'
import type { EngineOptions } from '../protocol/messages.ts'

/** Threads for files and names. A write that hangs takes one of them for good. */
const UV_THREADPOOL_SIZE = '16'
/** Every arena of the C allocator keeps what it once needed, and many threads make many arenas. */
const MALLOC_ARENA_MAX = '2'
/** Young objects are small and few here: with the usual 16 MiB they only stay in memory longer. */
const MAX_SEMI_SPACE_MIB = 2
/**
 * What is loaded at the start stays. With a heap that grows bit by bit it is collected again and
 * again, which costs twice the time in the first second of a play.
 */
const INITIAL_OLD_SPACE_MIB = 48
/** Without a compile cache each start loads the code that strips types: 17 MiB that are never freed. */
const NODE_COMPILE_CACHE = fileURLToPath(
  new URL('../../node_modules/.cache/playlink', import.meta.url),
)

/** Starts an engine. @param maxRss bytes of memory past which it will be killed */
export function forkEngine(options: EngineOptions, maxRss: number): ChildProcess {
  return fork(moduleBeside('../engine/engine', import.meta.url), [], {
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      UV_THREADPOOL_SIZE,
      MALLOC_ARENA_MAX,
      NODE_COMPILE_CACHE,
      ...process.env,
      ENGINE_OPTIONS: JSON.stringify(options),
    },
    execArgv: [
      '--no-warnings',
      `--initial-old-space-size=${INITIAL_OLD_SPACE_MIB}`,
      `--max-old-space-size=${Math.round(maxRss / 2 ** 21)}`,
      `--max-semi-space-size=${MAX_SEMI_SPACE_MIB}`,
    ],
  })
}
