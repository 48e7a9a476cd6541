import { expect, test } from '@jest/globals'
import { filesOf, read, sourceFiles } from './project-files.ts'

/** Whether it is exported is no matter here. */
const lines = new Set(
  sourceFiles().flatMap((file) =>
    read(file)
      .replace(/^export /gm, '')
      .split('\n'),
  ),
)
const textOf = (page: string): string => read(page).replace(/\s+/g, ' ')

/** What a page says, and the line of the code that makes it so. */
const told: readonly (readonly [page: string, says: string, code: string])[] = [
  ['docs/backends/memory.md', '0.3 s after a change', 'const WRITE_DELAY_MS = 300'],
  ['docs/backends/memory.md', 'in the last 0.3 s is lost', 'const WRITE_DELAY_MS = 300'],
  ['docs/backends/memory.md', 'at most | 100,000 files', 'const MAX_KEYS = 100_000'],
  ['docs/backends/memory.md', 'are written 30 s later', 'const RETRY_DELAY_MS = 30_000'],
  ['docs/what-happens-when.md', 'journal 0.3 s after', 'const WRITE_DELAY_MS = 300'],
  ['docs/backends/sqlite.md', '100,000 entries', 'const MAX_ENTRIES = 100_000'],
  ['docs/backends/sqlite.md', '16 MB of values', 'const MAX_VALUE_BYTES = 16_000_000'],
  ['docs/backends/redis.md', 'tells once a second', 'const TELL_EVERY_MS = 1000'],
  ['docs/decisions/0002-numbered-book.md', 'at most 16 KiB', 'const MAX_LIST_BYTES = 16 * 1024'],
  ['docs/decisions/0002-numbered-book.md', 'at most 40 a source', 'const MAX_TRACKERS = 40'],
  ['docs/backends/sqlite.md', 'the first call waits 100 ms', 'const BUSY_MS = 100'],
  ['docs/backends/sqlite.md', 'Twice a second the file is tried', 'const RETRY_MS = 500'],
  ['docs/backends/redis.md', 'gets no answer in 240 ms', 'const TIMEOUT_MS = 240'],
  ['docs/backends/redis.md', 'take more than 100 ms', 'const SLOW_MS = 100'],
  ['docs/backends/redis.md', 'two answers in a row', 'const SLOW_IN_A_ROW = 2'],
  ['docs/backends/redis.md', 'asked four times a second', 'const HEARTBEAT_WHEN_DOWN_MS = 250'],
  ['docs/backends/redis.md', 'up to 8 seconds', 'const MOST_HEARTBEATS = 32'],
  ['docs/backends/redis.md', 'silent for a week', 'const SILENT_SECONDS = 7 * 24 * 3600'],
  ['docs/providers.md', 'used for 10 minutes; until it is an hour old', 'const FRESH_MS = 600_000'],
  ['docs/providers.md', 'until it is an hour old', 'const STALE_MS = 3_600_000'],
  ['docs/providers.md', 'A list waits **4 seconds**', 'const LIST_DEADLINE_MS = 4000'],
  ['docs/providers.md', 'believed for a minute', 'const EMPTY_FRESH_MS = 60_000'],
  ['docs/providers.md', 'After 5 failures in a row', 'const FAILURES = 5'],
  ['docs/providers.md', 'left alone for half a minute', 'const FIRST_REST_MS = 30_000'],
  ['docs/providers.md', 'for ten minutes at most', 'const LONGEST_REST_MS = 600_000'],
  ['docs/providers.md', 'At most 4 questions are put to one host', 'const AT_ONCE = 4'],
  ['docs/providers.md', '5 seconds later the provider is asked again', 'const DEFERRED_MS = 5000'],
  ['docs/providers.md', 'feeds are polled every 15 minutes', 'const POLL_MS = 900_000'],
  ['docs/providers.md', 'at most 2000 a feed', 'const MAX_ENTRIES = 2000'],
  ['docs/providers.md', 'up to 3 items', 'const MAX_ITEMS = 3'],
  ['docs/architecture.md', 'STALLED after 30 s', 'const STALL_MS = 30_000'],
  ['docs/architecture.md', '| permits | 4 |', 'const MAX_METADATA_LOOKUPS = 4'],
  ['docs/architecture.md', '| queue length | 16 | 16 |', 'const MAX_WAITING = 16'],
  ['docs/architecture.md', 'from one address | 8 | 8 |', 'const MAX_WAITING_EACH = 8'],
  ['docs/architecture.md', 'taken nothing for 60 s', 'const IDLE_VIEWER_MS = 60_000'],
  ['docs/architecture.md', '5 s after its grant', 'const RECLAIM_AFTER_MS = 5_000'],
  ['docs/architecture.md', 'providers have one second', 'const PROVIDER_WAIT_MS = 1_000'],
  ['docs/architecture.md', 'longer than 15 s ends', 'const WRITE_TIMEOUT_MS = 15_000'],
  ['docs/architecture.md', 'refused for ten minutes', 'const QUARANTINE_MS = 10 * 60_000'],
  ['docs/architecture.md', 'five seconds after the answer', 'const PINNED_MS = 5_000'],
  ['docs/architecture.md', 'wants them for 10 s', 'const IDLE_MS = 10_000'],
  ['docs/stremio.md', 'if it has none after 8 seconds', 'const HEDGE_DELAY_MS = 8_000'],
  ['docs/stremio.md', 'four at most', 'const MAX_ATTEMPTS = 4'],
  ['docs/stremio.md', 'waits up to 6 seconds', 'const FILES_TIMEOUT_MS = 6000'],
  ['docs/stremio.md', '| empty | 30 seconds |', 'const EMPTY_AGE = 30'],
  ['docs/stremio.md', 'arriving | 15 seconds |', 'const DOWNLOADING_AGE = 15'],
  ['docs/stremio.md', '| 60 seconds |', 'const PARTIAL_AGE = 60'],
  ['docs/stremio.md', '| full list | 10 minutes', 'const FULL_AGE = 600'],
  ['docs/what-happens-when.md', '64 MiB left free', 'const VOLUME_MARGIN = 64 * 1024 * 1024'],
  ['docs/decisions/0010-landings.md', 'overtaken only for 40 ms or more', 'const MARGIN_MS = 40'],
  ['docs/decisions/0010-landings.md', 'budget of 24 MiB', 'const PIECE_BYTES = 24 << 20'],
  ['docs/decisions/0012-prefetch.md', '4 MiB of the head', 'const HEAD_BYTES = 4 << 20'],
  ['docs/decisions/0012-prefetch.md', '512 KiB of the tail', 'const TAIL_BYTES = 512 << 10'],
  ['docs/security.md', 'answers of providers, as texts | 16 MiB', 'const MAX_BYTES = 16 * 2 ** 20'],
  ['docs/security.md', 'index is away | 8 MiB', 'const MAX_LOCAL_BYTES = 8 * 2 ** 20'],
  ['docs/security.md', 'shown last | 8 MiB', 'const MAX_CACHED_BYTES = 8 * 2 ** 20'],
  ['docs/security.md', 'names say | 8 MiB', 'const MAX_BYTES = 8 * 1024 * 1024'],
  ['docs/security.md', 'in torrents | 32 MiB', 'const MEMORY_BYTES = 32 * 1024 * 1024'],
  ['docs/security.md', '10,000 for each kind of limit', 'const MOST_ADDRESSES = 10_000'],
  [
    'docs/decisions/0013-the-pool-of-providers.md',
    'until they are an hour old',
    'const STALE_MS = 3_600_000',
  ],
  ['docs/decisions/0017-what-a-line-holds.md', 'a reserve of 25 ms', 'const MARGIN_MS = 25'],
  [
    'docs/decisions/0005-engine-child-process.md',
    'three seconds at most',
    'const ENGINE_START_MS = 3000',
  ],
]

test.each(told)('%s: %s', (page, says, code) => {
  expect(textOf(page)).toContain(says)
  expect([code, lines.has(code)]).toEqual([code, true])
})

test('no file of code has more lines than CONTRIBUTING.md says, most have far fewer', () => {
  const [, most, many] =
    /at most (\d+) lines, most have fewer than (\d+)/.exec(textOf('CONTRIBUTING.md')) ?? []
  const sizes = [...sourceFiles(), ...filesOf('server/**/*.js')].map(
    (file) => [file, read(file).split('\n').length - 1] as const,
  )
  expect(sizes.filter(([, size]) => size > Number(most))).toEqual([])
  const small = sizes.filter(([, size]) => size < Number(many))
  expect(small.length / sizes.length).toBeGreaterThan(0.75)
})
