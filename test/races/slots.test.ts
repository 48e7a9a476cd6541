import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as tick } from 'node:timers/promises'
import { describe, expect, test } from '@jest/globals'
import type { PieceLayout } from '../../common/bittorrent/piece-layout.ts'
import type { ByteReader } from '../../common/byte-reader.ts'
import { Fault } from '../../common/errors.ts'
import {
  openSupervisedSlotFile,
  type SupervisedSlotFile,
} from '../../torrent/supervisor/supervised-slot-file.ts'
import { type SeededRandom, seededRandom } from '../common/seeded-random.ts'
import { payload } from '../support/swarm/payload.ts'
import { createSlotEngine } from './slot-engine.ts'

/** 25 pieces; the film begins and ends within a piece. */
const LAYOUT: PieceLayout = { pieceLength: 64, torrentLength: 1590, offset: 70, size: 1500 }
const TORRENT = payload('races/slots', LAYOUT.torrentLength)
const FILM = TORRENT.subarray(LAYOUT.offset, LAYOUT.offset + LAYOUT.size)
const VIEWERS = 4
const READS = 60

/** Reads at any place and of any size; every byte must be the film's. */
async function watch(
  file: SupervisedSlotFile,
  window: number,
  random: SeededRandom,
): Promise<number> {
  let bytes = 0
  let at = 0
  let reader: ByteReader | undefined
  const parting: Promise<unknown>[] = []
  for (let n = 0; n < READS; n++) {
    if (!reader || random.below(6) === 0) {
      const left: ByteReader | undefined = reader
      // Some leave in the middle of a read.
      if (left && random.below(2) === 0) parting.push(readOnce(left, at, 50).catch(closed))
      left?.close()
      at = random.below(FILM.length)
      reader = file.reader({ start: at, end: FILM.length - 1 }, window)
    }
    const got = await readOnce(reader, at, 1 + random.below(150))
    at += got
    bytes += got
    if (at === FILM.length) {
      reader.close()
      reader = undefined
    }
    if (random.below(3) === 0) await tick()
  }
  reader?.close()
  await Promise.all(parting)
  return bytes
}

async function readOnce(reader: ByteReader, at: number, most: number): Promise<number> {
  const into = Buffer.alloc(most)
  const got = await reader.read(into)
  if (into.subarray(0, got).equals(FILM.subarray(at, at + got))) return got
  throw new Error(`wrong bytes at ${at}`)
}

/** Errors that a read may end with when its reader was closed. */
function closed(error: unknown): void {
  if (!(error instanceof Fault) || error.code !== 'INTERNAL') throw error
}

describe('slots of one film, with several readers, crossing messages and dying engines', () => {
  const first = seededRandom().seed
  test.each(Array.from({ length: 12 }, (_, i) => first + i))('PLAYLINK_SEED=%d', async (seed) => {
    const random = seededRandom(seed)
    const folder = await mkdtemp(join(tmpdir(), 'playlink-slots-'))
    const path = join(folder, 'slots')
    await writeFile(path, '')
    const windows = Array.from({ length: VIEWERS }, () => 1 + random.below(3))
    const capacity = windows.reduce((a, b) => a + b, 0)
    const engine = createSlotEngine(random, LAYOUT, TORRENT)
    const file = await openSupervisedSlotFile(path, LAYOUT, engine.port)
    file.grow(capacity)
    engine.start(file, path)
    try {
      let watching = true
      const views = Promise.all(
        windows.map((window, i) => watch(file, window, seededRandom(seed * 31 + i))),
      ).finally(() => {
        watching = false
      })
      views.catch(() => {})
      for (let steps = 0; watching; steps++) {
        if (steps > 60_000) throw new Error('a viewer waits for ever')
        await engine.step()
        const taken = file.map.all().map(([, slot]) => slot)
        expect(taken.length).toBe(new Set(taken).size)
        expect(Math.max(0, ...taken)).toBeLessThan(capacity)
        expect((await stat(path)).size).toBeLessThanOrEqual(capacity * LAYOUT.pieceLength)
      }
      expect((await views).reduce((a, b) => a + b, 0)).toBeGreaterThan(0)
      expect(engine.fetched).toBeGreaterThan(0)
    } finally {
      await file.close()
      await engine.end()
      await rm(folder, { recursive: true })
    }
  })
})
