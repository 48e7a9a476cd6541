import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { KiB, sha256 } from '../../support/swarm/payload.ts'
import type { TorrentPlan } from '../../support/swarm/torrent.ts'
import { movie, playMovie, streamsOf } from '../../support/titles.ts'
import { eventually } from '../../support/wait.ts'

/** Films in parts, the later ones larger and before the first. `parts` are in the order to be played. */
const films = {
  discs: {
    id: 'tt9007001',
    parts: ['Film.2001.CD1.avi', 'Film.2001.CD2.avi'],
    files: { 'Film.2001.CD2.avi': 400_000, 'Film.2001.CD1.avi': 300_000, 'read me.txt': 90_000 },
  },
  numbered: {
    id: 'tt9007002',
    parts: ['Film Part 1.mkv', 'Film Part 2.mkv', 'Film Part 3.mkv'],
    files: { 'Film Part 3.mkv': 250_000, 'Film Part 2.mkv': 350_000, 'Film Part 1.mkv': 300_000 },
  },
  folders: {
    id: 'tt9007003',
    parts: ['Disc 1/film.mkv', 'Disc 2/film.mkv'],
    files: { 'Disc 2/film.mkv': 420_000, 'Disc 1/film.mkv': 310_000 },
  },
} as const
type Name = keyof typeof films
const names = Object.keys(films) as Name[]
const torrents = Object.fromEntries(
  names.map((name) => [name, { name, files: films[name].files, pieceLength: 32 * KiB }]),
) as unknown as Record<Name, TorrentPlan>

interface Listed {
  readonly url: string
  readonly behaviorHints: { readonly filename?: string }
}

describe('a film in parts', () => {
  let stage: Stage<Name>
  beforeAll(async () => {
    stage = await openStage({
      torrents,
      titles: ({ magnet }) =>
        names.map((name) => movie(films[name].id, 'Film', { magnet: magnet(name) })),
    })
  })
  afterAll(() => stage.end())

  const listed = async (name: Name): Promise<readonly Listed[]> => {
    const { json } = await ask(stage.server.base + streamsOf(films[name].id))
    const { streams } = json() as { streams: readonly Listed[] }
    // Where there is a choice the first of all is `auto`, which is no source.
    return streams.filter(({ url }) => !url.includes('/auto'))
  }
  const content = (name: Name, part: string): string => {
    const file = stage.torrents[name].files.find(({ path }) => path === part)
    return sha256(file?.bytes ?? Buffer.alloc(0))
  }

  test.each(names)(
    '%s: part 1 plays, then the others are listed as sources and play',
    async (name) => {
      const { id, parts } = films[name]
      expect(await listed(name)).toHaveLength(1)
      const first = await ask(stage.server.base + playMovie(id))
      expect([first.status, sha256(first.body)]).toEqual([200, content(name, parts[0])])
      const streams = await eventually('all parts in the list', async () => {
        const now = await listed(name)
        return now.length === parts.length ? now : undefined
      })
      // The number of the first part is as it was: it still plays, and so does each other one.
      const again = await ask(stage.server.base + playMovie(id))
      expect(sha256(again.body)).toBe(content(name, parts[0]))
      const played = []
      for (const { url } of streams) played.push(sha256((await ask(url)).body))
      expect(played).toEqual(parts.map((part) => content(name, part)))
      for (const [i, { behaviorHints }] of streams.slice(1).entries()) {
        expect(behaviorHints.filename).toBe(parts[i + 1]?.split('/').at(-1))
      }
    },
  )
})
