import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { KiB, MiB } from '../../support/swarm/payload.ts'
import { playEpisode } from '../../support/titles.ts'
import { eventually } from '../../support/wait.ts'

const PACKED = 'tt9000201'
const APART = 'tt9000202'
const PIECE = 256 * KiB
const SIZE = 9 * MiB + 11
/** 4 MiB and 512 KiB, and the pieces they end in. */
const ENDS = 4.5 * MiB
const names = { e1: 'The.Show.S01E01.720p-GRP.mkv', e2: 'The.Show.S01E02.720p-GRP.mkv' }

let stage: Stage<'pack' | 'e1' | 'e2'>
const url = (path: string): string => stage.server.base + path
const from = (address: string) => ({ headers: { 'X-Forwarded-For': address } })
const some = (address: string) => ({
  headers: { 'X-Forwarded-For': address, Range: 'bytes=0-65535' },
})
const list = (id: string, address: string, method = 'GET') =>
  ask(url(`/stream/series/${id}%3A1%3A2.json`), { ...from(address), method })
const uploaded = (name: 'pack' | 'e1' | 'e2') =>
  stage.seeder.uploaded(stage.torrents[name].infoHash)

beforeAll(async () => {
  const files = { [names.e1]: SIZE, [names.e2]: SIZE }
  stage = await openStage({
    torrents: {
      pack: { name: 'The.Show.S01.720p', files, pieceLength: PIECE },
      e1: { name: names.e1, size: SIZE, pieceLength: PIECE },
      e2: { name: names.e2, size: SIZE, pieceLength: PIECE },
    },
    titles: ({ magnet }) => [
      {
        ...{ id: PACKED, type: 'series', name: 'The Show' },
        packs: [{ magnet: magnet('pack'), seasons: [1] }],
      },
      {
        ...{ id: APART, type: 'series', name: 'The Show' },
        episodes: {
          '1:1': [{ magnet: magnet('e1'), label: names.e1 }],
          '1:2': [{ magnet: magnet('e2'), label: names.e2 }],
        },
      },
    ],
    env: { TRUST_PROXY: 'loopback', CACHE_FILL: 'window' },
  })
})
afterAll(() => stage.end())

/** Nothing has come for longer than a guess waits; one look takes more than a second. */
async function quiet(name: 'pack' | 'e2'): Promise<number> {
  let before = -1
  let same = 0
  return eventually('no more bytes', async () => {
    const now = await uploaded(name)
    same = now === before ? same + 1 : 0
    before = now
    return same > 1 ? now : undefined
  })
}

describe('the next episode', () => {
  test('of another torrent: head and tail, only for the address that plays', async () => {
    const { body } = await ask(url(playEpisode(APART, 0, 1, 1)), some('192.0.2.1'))
    expect(body).toHaveLength(64 * KiB)
    await list(APART, '192.0.2.9')
    await list(APART, '192.0.2.1', 'HEAD')
    expect(await quiet('e2')).toBe(0)

    await list(APART, '192.0.2.1')
    await eventually('bytes of the next', async () => (await uploaded('e2')) > 0)
    const came = await quiet('e2')
    expect(came).toBeGreaterThanOrEqual(ENDS)
    expect(came).toBeLessThanOrEqual(ENDS + 4 * PIECE)

    // The play goes on from them: nothing of the ends comes a second time.
    const head = await ask(url(playEpisode(APART, 0, 1, 2)), {
      headers: { Range: `bytes=0-${4 * MiB - 1}` },
    })
    expect(head.body.equals(stage.torrents.e2.content.subarray(0, 4 * MiB))).toBe(true)
    expect(await quiet('e2')).toBeLessThanOrEqual(SIZE + 2 * PIECE)
  })

  test('of the same pack: when four fifths of an episode have been sent', async () => {
    const first = await ask(url(playEpisode(PACKED, 0, 1, 1)), from('192.0.2.2'))
    expect(first.body).toHaveLength(SIZE)
    const most = SIZE + ENDS
    await eventually('bytes of the next', async () => (await uploaded('pack')) > most - PIECE)
    expect(await quiet('pack')).toBeLessThanOrEqual(most + 6 * PIECE)
  })
})
