import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Bitfield } from '../../common/bitfield.ts'
import { type PieceLayout, pieceCount } from '../../common/piece-layout.ts'
import { sha256 } from '../support/payload.ts'
import { buildTorrent } from '../support/torrent.ts'
import { within } from '../support/wait.ts'
import { fixed, startWeb, type Web } from '../support/web.ts'
import { drain, recorder, startEngine, using } from './engines.ts'

const film = buildTorrent({ name: 'film.mp4', size: 1_500_001 })
let folder = ''
let web: Web
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playlink-webseed-'))
  web = await startWeb(fixed({ '/film.mp4': film.content }))
})
afterAll(async () => {
  await web.close()
  await rm(folder, { recursive: true })
})

// Metadata never comes from a web seed: a magnet with `ws` alone has nobody to ask.
test(
  'a .torrent that only web seeds have plays, every piece fetched once',
  () =>
    using(startEngine(), async (engine) => {
      const webSeeds = [`${web.base}/film.mp4`]
      const { infoHash, pieceLength } = film
      const spec = { infoHash, trackers: [], webSeeds, metainfo: film.torrent({ webSeeds }) }
      const size = film.content.length
      const layout: PieceLayout = { pieceLength, torrentLength: size, offset: 0, size }
      await writeFile(join(folder, '0'), '')
      const have = new Bitfield(pieceCount(layout))
      const place = { folder, fileIdx: 0, layout, have, trusted: true, fill: 'whole' } as const
      const { events, verified } = recorder()
      const file = await engine.open(spec, place, events, AbortSignal.timeout(8000))
      const whole = drain(file.reader({ start: 0, end: size - 1 }))
      expect(sha256(await within('the film', 15_000, whole))).toBe(sha256(film.content))
      await file.finished
      expect([verified.length, web.requests.length]).toEqual([have.length, have.length])
      await file.close()
    }),
  30_000,
)
