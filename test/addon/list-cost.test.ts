import { expect, test } from '@jest/globals'
import { createMemoryIndex } from '../../cache/backends/memory/memory.ts'
import type { CacheIndex } from '../../cache/index/cache-index.ts'
import { systemClock } from '../../common/clock.ts'
import type { NameParser } from '../../sources/names/name-parser.ts'
import { nearParser } from '../support/names.ts'
import { packLists } from '../support/pack-lists.ts'

const COUNT = 50

/** What is asked of the index, one round trip each with Redis, and of the parser, one message to its worker each. */
function counted() {
  const calls = { reads: 0, writes: 0, names: 0, packs: 0 }
  const memory = createMemoryIndex({ clock: systemClock })
  const index: CacheIndex = {
    ...memory,
    readValue(name) {
      calls.reads++
      return memory.readValue(name)
    },
    writeValue(...value) {
      calls.writes++
      return memory.writeValue(...value)
    },
  }
  const parser: NameParser = {
    releases(...asked) {
      calls.names++
      return nearParser.releases(...asked)
    },
    marks(paths, torrent, owners) {
      if (torrent) calls.packs++
      else calls.names++
      return nearParser.marks(paths, torrent, owners)
    },
  }
  const take = () => {
    const taken = { ...calls }
    Object.assign(calls, { reads: 0, writes: 0, names: 0, packs: 0 })
    return taken
  }
  return { index, parser, take }
}

test('a list of 50 packs costs a handful of operations, and each pack is read once', async () => {
  const { index, parser, take } = counted()
  const lists = packLists(COUNT, { index, parser })
  try {
    const unopened = await lists.list(2)
    // The list with its numbers is read and written; what was measured is read, once a minute. Names go in two messages.
    expect(take()).toEqual({ reads: 2, writes: 1, names: 2, packs: 0 })
    expect(unopened.streams.at(-1)?.description).toContain('episode file found when played')

    lists.learn()
    const opened = await lists.list(2)
    expect(take()).toEqual({ reads: 1, writes: 0, names: 2, packs: COUNT })
    // "Auto" is the first.
    expect(opened.streams).toHaveLength(COUNT + 1)
    for (const { behaviorHints } of opened.streams.slice(1)) {
      expect(behaviorHints).toMatchObject({
        filename: expect.stringMatching(/^The\.Show\.S01E02\./),
        videoSize: 101,
      })
    }

    expect((await lists.list(2)).streams).toEqual(opened.streams)
    expect(take()).toEqual({ reads: 1, writes: 0, names: 2, packs: 0 })
  } finally {
    lists.close()
    await index.close()
  }
})
