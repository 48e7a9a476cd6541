import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { KiB, MiB, sha256 } from '../../support/swarm/payload.ts'
import type { TorrentPlan } from '../../support/swarm/torrent.ts'
import { movie, playMovie } from '../../support/titles.ts'

/**
 * Torrents as few programs write them, and as all others play them. libtorrent seeds them, so that what
 * plays here plays there.
 */

const SIZE = 300_000
const KEY_NAME = Buffer.from('4:name')

/** Puts bytes before the key `name`. */
const beforeName =
  (bytes: Buffer) =>
  (info: Buffer): Buffer => {
    const at = info.indexOf(KEY_NAME)
    return Buffer.concat([info.subarray(0, at), bytes, info.subarray(at)])
  }
/** The same keys, the last ones first. */
const unsorted = (info: Buffer): Buffer => {
  const at = info.indexOf(KEY_NAME)
  return Buffer.concat([
    Buffer.from('d'),
    info.subarray(at, -1),
    info.subarray(1, at),
    Buffer.from('e'),
  ])
}
const NO_UTF8 = Buffer.concat([Buffer.from('2:'), Buffer.of(0xff, 0xfe), Buffer.from('i1e')])

const KINDS: Readonly<Record<string, Partial<TorrentPlan>>> = {
  'unsorted keys': { rewrite: unsorted },
  'unknown keys': { rewrite: beforeName(Buffer.from('9:__proto__i1e4:infod6:lengthi5ee')) },
  'a key that is no UTF-8': { rewrite: beforeName(NO_UTF8) },
  'a key twice': {
    rewrite: (info) => Buffer.concat([info.subarray(0, -1), Buffer.from('6:lengthi5ee')]),
  },
  'pieces of 8 KiB': { pieceLength: 8 * KiB },
  'pieces of 320 KiB': { pieceLength: 320 * KiB, size: 1_000_000 },
  'pieces of 100,001 bytes': { pieceLength: 100_001 },
  'pieces of 64 MiB': { pieceLength: 64 * MiB },
}
const NOTHING = Buffer.alloc(0)
/** A film among ten thousand files, whose paths alone are four megabytes. */
const manyFiles = (film: string): Readonly<Record<string, number | Buffer>> => ({
  [film]: SIZE,
  ...Object.fromEntries(
    Array.from({ length: 9999 }, (_, i) => {
      const name = `${i}`.padStart(190, 'x')
      return [`${`${i % 50}`.padStart(190, 'folder ')}/${name}.nfo`, NOTHING]
    }),
  ),
})

const plans = Object.entries(KINDS).flatMap(([name, change], i) =>
  (['magnet', 'torrent'] as const).map((by, j) => ({
    name: `${name}, by ${by}`,
    by,
    id: `tt90050${i}${j}`,
    plan: { name: `odd-${i}-${j}.mkv`, size: SIZE, ...change } satisfies TorrentPlan,
  })),
)

const MANY = { id: 'tt9005099', film: 'The Film.mkv', name: 'many files' }

let stage: Stage<string>
beforeAll(async () => {
  stage = await openStage({
    torrents: {
      ...Object.fromEntries(plans.map(({ name, plan }) => [name, plan])),
      [MANY.name]: { name: 'Many', files: manyFiles(MANY.film) },
    },
    titles: ({ magnet }) => [
      movie(MANY.id, MANY.name, { torrent: `./${MANY.id}.torrent` }),
      ...plans.map(({ name, by, id }) =>
        movie(
          id,
          name,
          by === 'magnet' ? { magnet: magnet(name) } : { torrent: `./${id}.torrent` },
        ),
      ),
    ],
  })
  for (const { name, by, id } of [...plans, { ...MANY, by: 'torrent' as const }]) {
    const file = stage.torrents[name]?.torrent({ announce: stage.trackerUrl })
    if (by === 'torrent' && file)
      await writeFile(join(stage.catalogue, '..', `${id}.torrent`), file)
  }
})
afterAll(() => stage.end(), 60_000)

test.each(plans)('$name', async ({ name, id }) => {
  const answer = await ask(stage.server.base + playMovie(id))
  expect([answer.status, answer.body.length]).toEqual([200, stage.torrents[name]?.content.length])
  expect(sha256(answer.body)).toBe(sha256(stage.torrents[name]?.content ?? Buffer.alloc(0)))
})

test('ten thousand files and four megabytes of metadata', async () => {
  const torrent = stage.torrents[MANY.name]
  expect([torrent?.files.length, (torrent?.info.length ?? 0) > 4e6]).toEqual([10_000, true])
  const answer = await ask(stage.server.base + playMovie(MANY.id))
  expect(answer.status).toBe(200)
  expect(sha256(answer.body)).toBe(sha256(torrent?.files[0]?.bytes ?? Buffer.alloc(0)))
})
