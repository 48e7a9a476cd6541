import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import Sqlite, { type Database } from 'better-sqlite3'
import { createSqliteIndex } from '../../../../cache/backends/sqlite/sqlite.ts'
import type { CacheIndex } from '../../../../cache/index/cache-index.ts'
import type { Log } from '../../../../common/log.ts'
import { type FakeClock, fakeClock, temporaryFolder } from '../../fixture.ts'

interface Line {
  readonly level: 'warn' | 'info'
  readonly text: string
  readonly fields: Record<string, unknown>
}

/** A folder with databases, indexes that use them, and other processes that do; end() closes all. */
export interface SqliteStage {
  readonly folder: string
  readonly path: string
  readonly clock: FakeClock
  /** What was logged by every index of the stage. */
  readonly lines: readonly Line[]
  open(more?: Partial<Parameters<typeof createSqliteIndex>[0]>): CacheIndex
  /** Runs SQL as another program would. */
  other<T>(use: (database: Database) => T): T
  /** Another process that runs SQL and keeps the database open, until the returned function is called. */
  holder(sql: string): Promise<() => Promise<void>>
  end(): Promise<void>
}

const HOLDER = `
  import Sqlite from 'better-sqlite3'
  new Sqlite(process.argv[1]).exec(process.argv[2])
  process.stdout.write('held')
  process.stdin.resume()
`

async function hold(path: string, sql: string): Promise<ChildProcess> {
  const args = ['--input-type=module', '-e', HOLDER, path, sql]
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(() => Promise.reject(new Error('the holder ended'))),
  ])
  return child
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

export async function sqliteStage(): Promise<SqliteStage> {
  const folder = await temporaryFolder()
  const path = join(folder, 'index.sqlite')
  const clock = fakeClock()
  const lines: Line[] = []
  const indexes: CacheIndex[] = []
  const children: ChildProcess[] = []
  const line =
    (level: Line['level']) => (first: string | Record<string, unknown>, second?: string) => {
      if (typeof first === 'string') lines.push({ level, text: first, fields: {} })
      else lines.push({ level, text: second ?? '', fields: first })
    }
  const log = { warn: line('warn'), info: line('info') } as unknown as Log

  return {
    folder,
    path,
    clock,
    lines,
    open(more) {
      const index = createSqliteIndex({ path, persistent: true, clock, log, ...more })
      indexes.push(index)
      return index
    },
    other(use) {
      const database = new Sqlite(path)
      try {
        return use(database)
      } finally {
        database.close()
      }
    },
    async holder(sql) {
      const child = await hold(path, sql)
      children.push(child)
      return () => kill(child)
    },
    async end() {
      for (const child of children) await kill(child)
      for (const index of indexes) await index.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
