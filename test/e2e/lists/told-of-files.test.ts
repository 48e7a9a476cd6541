import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { settled } from '../../support/facts.ts'
import { ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { KiB } from '../../support/swarm/payload.ts'
import { playEpisode } from '../../support/titles.ts'
import { eventually } from '../../support/wait.ts'

const SERIES = 'tt9000301'
const [E1, E2] = ['The.Show.S01E01.720p.mkv', 'The.Show.S01E02.720p.mkv']
const STARTED = /^\d+\.\d s to start(?:, \S+ \S+\/s)? here (?:today|yesterday)$/m

interface Listed {
  readonly description: string
  readonly behaviorHints: { readonly filename: string; readonly videoSize?: number }
}

let stage: Stage<'pack'>
beforeAll(async () => {
  stage = await openStage({
    torrents: {
      pack: {
        name: 'The.Show.S01.720p',
        files: { [E1]: 900_001, [E2]: 800_003 },
        pieceLength: 64 * KiB,
      },
    },
    titles: ({ magnet }) => [
      {
        id: SERIES,
        type: 'series',
        name: 'The Show',
        packs: [{ magnet: magnet('pack'), seasons: [1], label: 'The Show S01 720p' }],
      },
    ],
  })
})
afterAll(() => stage.end())

async function listed(base: string, episode: number): Promise<Listed> {
  const list = await ask(`${base}/stream/series/${SERIES}:1:${episode}.json`)
  const [stream] = (list.json() as { streams: readonly Listed[] }).streams
  if (!stream) throw new Error('an empty list')
  return stream
}

test('a list tells what was measured of a source, over a restart, and which file of a pack plays', async () => {
  const env = { CACHE_DIR: join(stage.folder, 'kept'), CACHE_PERSISTENT: 'true' }
  const first = await stage.another(env)
  const before = await listed(first.base, 1)
  expect(before.description).toContain('From a season pack, episode file found when played')
  expect(before.description).not.toMatch(STARTED)
  expect(before.behaviorHints).not.toHaveProperty('videoSize')

  expect((await ask(`${first.base}${playEpisode(SERIES, 0, 1, 1)}`)).body).toHaveLength(900_001)
  await settled(first.base)
  const played = await listed(first.base, 1)
  expect(played.description).toMatch(STARTED)
  expect(played.description).not.toContain('found when played')
  expect(played.behaviorHints).toMatchObject({ filename: E1, videoSize: 900_001 })
  // Nobody has played it, but what is in the torrent is known.
  const next = await listed(first.base, 2)
  expect(next.behaviorHints).toMatchObject({ filename: E2, videoSize: 800_003 })
  expect(next.description).not.toMatch(STARTED)
  await first.stop()

  const second = await stage.another(env)
  await eventually('the list says so again', async () => {
    return STARTED.test((await listed(second.base, 1)).description)
  })
})
