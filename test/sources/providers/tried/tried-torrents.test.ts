import { describe, expect, test } from '@jest/globals'
import type { Magnet } from '../../../../common/bittorrent/magnet.ts'
import { isPrivateId, isTriedId } from '../../../../sources/free-films.ts'
import { TriedTorrents } from '../../../../sources/providers/tried/tried-torrents.ts'

const magnetOf = (infoHash: string): Magnet => ({
  infoHash,
  name: 'Some film',
  trackers: ['udp://t.example:1'],
  webSeeds: [],
})
const videos = [
  { fileIdx: 2, name: 'a.mkv', size: 20 },
  { fileIdx: 5, name: 'b.mkv', size: 10 },
]

describe('a torrent that the operator tries', () => {
  test('is a film under an id that nobody else hears of, one source for each video', async () => {
    const tried = new TriedTorrents()
    const title = tried.add(magnetOf('ab'.repeat(20)), videos)
    expect([isTriedId(title.imdbId), isPrivateId(title.imdbId)]).toEqual([true, true])
    expect([tried.mayKnow(title), tried.mayKnow({ ...title, imdbId: 'tt1254207' })]).toEqual([
      true,
      false,
    ])
    const sources = await tried.find(title)
    expect(sources).toMatchObject([
      { selector: { fileIdx: 2 }, label: 'a.mkv', size: 20, provider: 'tried' },
      { selector: { fileIdx: 5 }, label: 'b.mkv', size: 10, provider: 'tried' },
    ])
    expect(sources[0]?.locator).toMatchObject({ kind: 'magnet', infoHash: 'ab'.repeat(20) })
  })

  test('is the same title when it is tried again, and another one for another torrent', () => {
    const tried = new TriedTorrents()
    const [first, again, other] = ['ab', 'ab', 'cd'].map((byte) =>
      tried.add(magnetOf(byte.repeat(20)), videos),
    )
    expect(again).toEqual(first)
    expect(other).not.toEqual(first)
  })

  test('is another title by another link: what was listed is remembered with how its peers are found', () => {
    const tried = new TriedTorrents()
    const magnet = magnetOf('ab'.repeat(20))
    const bare = tried.add({ ...magnet, trackers: [] }, videos)
    expect(tried.add(magnet, videos)).not.toEqual(bare)
  })

  test('is another title on every server, so that nobody who has the torrent can ask for it', () => {
    const [here, elsewhere] = [new TriedTorrents(), new TriedTorrents()].map((tried) =>
      tried.add(magnetOf('ab'.repeat(20)), videos),
    )
    expect(here).not.toEqual(elsewhere)
  })

  test('is forgotten when fifty others came after it', async () => {
    const tried = new TriedTorrents()
    const first = tried.add(magnetOf('00'.repeat(20)), videos)
    for (let i = 1; i <= 50; i++) tried.add(magnetOf(String(i).padStart(40, '0')), videos)
    expect(await tried.find(first)).toEqual([])
  })

  test.each(['tt1254207', 'tt9900000001', 'tt9800000001', 'tt97'])('%s is no id of one', (imdbId) =>
    expect(isTriedId(imdbId)).toBe(false),
  )
})
