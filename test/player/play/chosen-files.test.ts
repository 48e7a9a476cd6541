import { describe, expect, test } from '@jest/globals'
import { parseMetainfo } from '../../../common/bittorrent/metainfo.ts'
import type { Title } from '../../../common/title.ts'
import { createKnownFiles } from '../../../player/files/known-files.ts'
import { ChosenFiles } from '../../../player/play/chosen-files.ts'
import type { NameParser } from '../../../sources/names/name-parser.ts'
import type { Selector } from '../../../sources/source.ts'
import { nearParser } from '../../support/names.ts'
import { buildTorrent, type TorrentPlan } from '../../support/swarm/torrent.ts'
import { createBench, createFakeIndex, magnetOf, movie, PIECE, silent, sourceOf } from '../fakes.ts'

const episode = (number: number): Title => ({
  type: 'series',
  imdbId: 'tt0903747',
  season: 1,
  episode: number,
})
const season = {
  name: 'Show.S01.1080p',
  pieceLength: PIECE,
  files: { 'Show.S01E01.mkv': 3000, 'Show.S01E02.mkv': 4000, 'Show.S01E02.srt': 10 },
}
const collection = {
  name: 'Films',
  pieceLength: PIECE,
  files: { 'First Film.mkv': 3000, 'Second Film.mkv': 4000 },
}

function open(plan: TorrentPlan, kept: 'memory' | 'folder' | 'nowhere' = 'memory') {
  const torrent = buildTorrent(plan)
  const metainfo = parseMetainfo(torrent.torrent(), { maxLength: 10 ** 9 })
  const index = createFakeIndex()
  const knownFiles = createKnownFiles({ index, log: silent })
  const calls = { parser: 0, folder: 0 }
  const parser: NameParser = {
    releases(...asked) {
      calls.parser++
      return nearParser.releases(...asked)
    },
    marks(...asked) {
      calls.parser++
      return nearParser.marks(...asked)
    },
  }
  const chosen = new ChosenFiles({
    metadata: {
      peek: () => (kept === 'memory' ? metainfo : undefined),
      async known() {
        calls.folder++
        return metainfo
      },
    },
    knownFiles,
    parser,
  })
  const find = async (title: Title, selector: Selector = {}) => {
    const source = sourceOf(magnetOf(torrent), 0, selector)
    await chosen.find(title, source, () => kept === 'folder')
    const { name, size } = knownFiles.peek(title, source) ?? {}
    return name && { name, size }
  }
  return { find, calls, index }
}

describe('the file that a source means, before it is played', () => {
  test('is the episode of a pack whose torrent was looked up', async () => {
    const { find, index } = open(season)
    expect(await find(episode(1))).toEqual({ name: 'Show.S01E01.mkv', size: 3000 })
    expect(await find(episode(2))).toEqual({ name: 'Show.S01E02.mkv', size: 4000 })
    expect(index.entries.size).toBe(0)
  })

  test('is looked for in the folder of a torrent of which something is here, in no other', async () => {
    const here = open(season, 'folder')
    expect(await here.find(episode(1))).toMatchObject({ size: 3000 })
    const away = open(season, 'nowhere')
    expect([await away.find(episode(1)), away.calls.folder]).toEqual([undefined, 0])
  })

  test('is told by the index that a provider gives, and its name by the torrent', async () => {
    const { find } = open(season)
    expect(await find(episode(1), { fileIdx: 1 })).toEqual({ name: 'Show.S01E02.mkv', size: 4000 })
    expect(await find(episode(1), { fileIdx: 7 })).toBeUndefined()
  })

  test('is not guessed, nor looked for again, where there is none', async () => {
    const { find, calls } = open(season)
    expect(await find(episode(5))).toBeUndefined()
    const before = calls.parser
    expect([await find(episode(5)), calls.parser]).toEqual([undefined, before])
  })

  test('is not known where a play would ask a metadata server which one it is', async () => {
    expect(await open(collection).find(movie)).toBeUndefined()
  })
})

test('a list tells of another episode of a pack that was played, and asks the engine nothing', async () => {
  const torrent = buildTorrent(season)
  const source = sourceOf(magnetOf(torrent))
  const bench = createBench({
    torrents: [torrent],
    sources: [source],
    wantedFile: async (_files, title) => (title.type === 'series' ? title.episode - 1 : 0),
  })
  const { availability } = bench.player
  ;(await bench.play().playable).release()
  expect(availability.of(episode(2), source)).toEqual({ kind: 'remote' })
  await availability.recall(episode(2), [source])
  const file = { name: 'Show.S01E02.mkv', size: 4000 }
  expect(availability.of(episode(2), source)).toEqual({ kind: 'remote', file })
  expect(bench.engine.described).toHaveLength(1)
})
