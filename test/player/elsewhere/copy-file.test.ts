import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { Bitfield } from '../../../common/bittorrent/bitfield.ts'
import { fileKey } from '../../../common/bittorrent/file-key.ts'
import { parseMetainfo } from '../../../common/bittorrent/metainfo.ts'
import { emptyBlocklist } from '../../../common/blocklist.ts'
import { asFault, Fault } from '../../../common/errors.ts'
import { type CopyParts, copyFromNode } from '../../../player/elsewhere/copy-file.ts'
import { nodeAnswer } from '../../support/cluster/node-answer.ts'
import { buildTorrent } from '../../support/swarm/torrent.ts'

const PIECE = 16_384
const torrent = buildTorrent({
  name: 'pack',
  files: { 'a.mkv': 20_000, 'b.mkv': 50_000, 'c.mkv': 9_000 },
  pieceLength: PIECE,
})
const KEY = fileKey(torrent.infoHash, 1)
const node = {
  node: 'a',
  url: 'http://a',
  version: '1',
  draining: false,
  freeBytes: 0,
  isSelf: false,
}
/** Of b.mkv: bytes 20000 to 70000. */
const PIECES = [1, 2, 3, 4]

let folder: string
let marked: number[]
let ends: (() => void | Promise<void>)[]
let published: number
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-copy-'))
  await writeFile(join(folder, '1'), '')
  marked = []
  ends = []
  published = 0
})
afterEach(async () => {
  for (const end of ends.reverse()) await end()
  await rm(folder, { recursive: true, force: true })
})

const pieceOf = (piece: number): Buffer =>
  torrent.content.subarray(piece * PIECE, (piece + 1) * PIECE)

const outcome = async (
  answerTo: (target: string) => Buffer | undefined,
  have: readonly number[] = [],
  free = true,
) => {
  const asked: string[] = []
  const pieces = new Bitfield(PIECES.length)
  for (const piece of have) pieces.set(piece - 1)
  const parts = {
    blocklist: emptyBlocklist,
    validateMetainfo: async (bytes: Uint8Array, infoHash?: string) =>
      parseMetainfo(bytes, { maxLength: 1e9, ...(infoHash !== undefined && { infoHash }) }),
    janitor: {
      reserve: () => ({
        grow: async () => {
          if (!free) throw new Fault('DOES_NOT_FIT')
        },
        release: () => {},
      }),
    },
    store: {
      readMetainfo: async () => undefined,
      writeMetainfo: async () => {},
      open: async () => ({
        record: { pieces },
        folder,
        trusted: true,
        mark: (more: number[]) => marked.push(...more),
        publish: async () => ++published > 0,
        close: async () => {},
      }),
    },
    client: {
      ask: async (_node: unknown, { target }: { target: string }) => {
        asked.push(target)
        const body = answerTo(target)
        if (!body) throw new Fault('ANOTHER_NODE')
        return nodeAnswer(Buffer.from(body))
      },
    },
  } as unknown as CopyParts
  const job = {
    signal: new AbortController().signal,
    defer: (_what: string, step: () => void | Promise<void>) => void ends.push(step),
  }
  const code = await copyFromNode(parts, node, KEY, job).then(
    () => 'copied',
    (error: unknown) => asFault(error).code,
  )
  return { code, asked }
}

const honest = (target: string): Buffer =>
  target.endsWith('/metainfo') ? torrent.torrent() : pieceOf(Number(target.split('/').at(-1)))

test('every piece is asked for once, checked, and written with what belongs to its neighbours', async () => {
  const { code, asked } = await outcome(honest)
  expect([code, published, marked]).toEqual(['copied', 1, PIECES])
  expect(asked).toEqual([
    `/node/${torrent.infoHash}/metainfo`,
    ...PIECES.map((piece) => `/node/${KEY}/${piece}`),
  ])
  const written = await readFile(join(folder, '1'))
  expect(written.equals(torrent.content.subarray(20_000, 70_000))).toBe(true)
})

test('what is here already is not asked for', async () => {
  const { code, asked } = await outcome(honest, [1, 3])
  expect([code, asked.length]).toEqual(['copied', 3])
})

test.each<[string, (target: string) => Buffer | undefined, string]>([
  [
    'another byte',
    (t) => {
      const b = Buffer.from(honest(t))
      if (t.endsWith('/3')) b[9] = 1 + (b[9] ?? 0)
      return b
    },
    'UPSTREAM_FAILED',
  ],
  ['too short', (t) => (t.endsWith('/3') ? honest(t).subarray(1) : honest(t)), 'UPSTREAM_FAILED'],
  [
    'too long',
    (t) => (t.endsWith('/3') ? Buffer.concat([honest(t), Buffer.alloc(1)]) : honest(t)),
    'UPSTREAM_FAILED',
  ],
  ['empty', (t) => (t.endsWith('/3') ? Buffer.alloc(0) : honest(t)), 'UPSTREAM_FAILED'],
  ['gone', (t) => (t.endsWith('/3') ? undefined : honest(t)), 'ANOTHER_NODE'],
])('a piece that is %s ends the copy: nothing is published', async (_, answerTo, code) => {
  expect((await outcome(answerTo)).code).toBe(code)
  expect([published, marked]).toEqual([0, [1, 2]])
})

test('the .torrent of another one is none', async () => {
  const other = buildTorrent({ name: 'other.mkv', size: 70_000, pieceLength: PIECE })
  const { code, asked } = await outcome((t) => (t.endsWith('info') ? other.torrent() : honest(t)))
  expect(code).not.toBe('copied')
  expect([asked.length, published]).toEqual([1, 0])
})

test('without free room nothing is begun', async () => {
  const { code, asked } = await outcome(honest, [], false)
  expect([code, asked.length, published]).toEqual(['DOES_NOT_FIT', 1, 0])
})
