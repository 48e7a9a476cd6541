import { readFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { pino } from 'pino'
import type { ByteReader } from '../../common/byte-reader.ts'
import { systemClock } from '../../common/clock.ts'
import type { EngineOptions } from '../../torrent/protocol/messages.ts'
import type { TorrentEngine } from '../../torrent/protocol/torrent-engine.ts'
import { type EngineDeps, SupervisedEngine } from '../../torrent/supervisor/supervised-engine.ts'
import { childrenOf } from '../support/server/processes.ts'

export const silent = pino({ level: 'silent' })

/** An engine for loopback only: no DHT, no peer exchange, no local discovery. */
export const engineOptions: EngineOptions = {
  allow: ['127.0.0.0/8'],
  port: 0,
  dht: false,
  pex: false,
  lsd: false,
  uploadLimitBytes: -1,
  maxLength: 1 << 30,
}

export const startEngine = (more: Partial<EngineDeps> = {}): TorrentEngine =>
  new SupervisedEngine({ options: engineOptions, clock: systemClock, log: silent, ...more })

/** Engine processes that this process has started, so that a test can end its own by pid. */
export const enginePids = (): number[] =>
  childrenOf(process.pid).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('engine/engine.ts')
    } catch {
      return false
    }
  })

export async function drain(reader: ByteReader): Promise<Buffer> {
  const parts: Buffer[] = []
  for (;;) {
    const into = Buffer.alloc(200_000)
    const got = await reader.read(into)
    if (got === 0) break
    parts.push(into.subarray(0, got))
  }
  reader.close()
  return Buffer.concat(parts)
}

/** What a download tells the store. */
export function recorder() {
  const verified: number[] = []
  const missing: number[] = []
  return {
    verified,
    missing,
    events: {
      verified: (pieces: readonly number[]) => void verified.push(...pieces),
      missing: (pieces: readonly number[]) => void missing.push(...pieces),
      needsRoom: () => {},
    },
  }
}

/** Ends the engine processes started since `others` were noted. */
export function killEngine(others: readonly number[]): void {
  for (const pid of enginePids()) if (!others.includes(pid)) process.kill(pid, 'SIGKILL')
}

/** Overwrites five bytes. */
export async function spoil(path: string, at: number): Promise<void> {
  const file = await open(path, 'r+')
  await file.write(Buffer.from([0xff, 0x00, 0xff, 0x00, 0xff]), 0, 5, at)
  await file.close()
}

/** Closes the engine whatever comes of it. */
export async function using<T>(engine: TorrentEngine, use: (engine: TorrentEngine) => Promise<T>) {
  try {
    return await use(engine)
  } finally {
    await engine.close()
  }
}
