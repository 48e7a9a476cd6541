import { readdirSync, readlinkSync } from 'node:fs'
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from '@jest/globals'
import { Bitfield } from '../../../common/bittorrent/bitfield.ts'
import {
  firstPiece,
  type PieceLayout,
  pieceCount,
  pieceInFile,
} from '../../../common/bittorrent/piece-layout.ts'
import type { ReaderPlace } from '../../../torrent/protocol/messages.ts'
import { SupervisedDownload } from '../../../torrent/supervisor/supervised-download.ts'
import { payload } from '../../support/swarm/payload.ts'

/** A file that begins and ends within pieces: 5 pieces, the first with 70 bytes, the last with 30. */
const LAYOUT: PieceLayout = { pieceLength: 100, torrentLength: 1000, offset: 230, size: 400 }
const FIRST = firstPiece(LAYOUT)
export const BYTES = payload('arriving', LAYOUT.size)

export let folder = ''
let file: FileHandle
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-arriving-'))
  file = await open(join(folder, '0'), 'w+')
})
afterEach(async () => {
  await file.close()
  await rm(folder, { recursive: true })
})

export interface Download {
  readonly file: SupervisedDownload
  readonly told: (readonly ReaderPlace[])[]
  readonly verified: number[]
  readonly missing: number[]
  /** What it was asked for, and what it told the engine it may take. */
  readonly needed: number[]
  readonly rooms: number[]
  gone: number
  /** Writes pieces and says that they are verified, as the engine does. */
  arrive(...pieces: number[]): Promise<void>
}

export function download(have: readonly number[] = []): Download {
  const [told, verified, missing]: [(readonly ReaderPlace[])[], number[], number[]] = [[], [], []]
  const [needed, rooms]: [number[], number[]] = [[], []]
  const field = new Bitfield(pieceCount(LAYOUT))
  for (const piece of have) field.set(piece - FIRST)
  const place = {
    folder,
    fileIdx: 0,
    layout: LAYOUT,
    have: field,
    trusted: true,
    fill: 'whole',
    room: 10 ** 9,
  } as const
  const events = {
    verified: (pieces: readonly number[]) => void verified.push(...pieces),
    missing: (pieces: readonly number[]) => void missing.push(...pieces),
    needsRoom: (bytes: number) => void needed.push(bytes),
  }
  const all: Download = {
    told,
    verified,
    missing,
    needed,
    rooms,
    gone: 0,
    file: new SupervisedDownload(place, events, {
      readers: (readers) => void told.push(readers),
      room: (bytes) => void rooms.push(bytes),
      gone: async () => {
        all.gone++
        return 'told'
      },
    }),
    async arrive(...pieces) {
      for (const piece of pieces) await writePiece(piece)
      all.file.verified(pieces)
    },
  }
  return all
}

export async function writePiece(piece: number): Promise<void> {
  const { at, inside } = pieceInFile(LAYOUT, piece)
  await file.write(BYTES, at, inside, at)
}
export const bits = (...pieces: number[]): Uint8Array => {
  const field = new Bitfield(pieceCount(LAYOUT))
  for (const piece of pieces) field.set(piece - FIRST)
  return field.bytes
}
/** Descriptors of this process on the file, the test's own left out. */
export function descriptors(): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return Number(fd) !== file.fd && readlinkSync(`/proc/self/fd/${fd}`) === join(folder, '0')
    } catch {
      return false
    }
  }).length
}
/** Whether a promise is still open after everything that was due has run. */
export async function isWaiting(promise: Promise<unknown>): Promise<boolean> {
  const open = Symbol('open')
  const later = new Promise((resolve) => setTimeout(resolve, 30, open))
  return (await Promise.race([promise.catch(() => {}), later])) === open
}
export const buffer = (size = 1000): Buffer => Buffer.alloc(size)
