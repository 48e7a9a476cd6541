import { writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { errorCode } from '../../support/facts.ts'
import { ask } from '../../support/server/request.ts'
import { type CatalogueTitle, openStage, type Stage } from '../../support/server/stage.ts'
import { movie, playMovie, streamsOf } from '../../support/titles.ts'
import { eventually } from '../../support/wait.ts'

const [STEADY, CHANGING, ADDED] = ['tt9001901', 'tt9001902', 'tt9001903'] as const
const address = (name: string): string => `https://media.example.org/${name}.mp4`
const source = (name: string): { url: string } => ({ url: address(name) })

describe('the local catalogue while the server runs', () => {
  let stage: Stage<never>
  const steady = movie(STEADY, 'Steady', source('steady'))
  beforeAll(async () => {
    stage = await openStage({
      titles: () => [steady, movie(CHANGING, 'Changing', source('a'), source('b'), source('c'))],
    })
  })
  afterAll(() => stage.end())

  const urls = async (id: string): Promise<string[]> => {
    const answer = await ask(stage.server.base + streamsOf(id))
    expect(answer.status).toBe(200)
    const { streams } = answer.json() as { streams: { url: string }[] }
    return streams.map(({ url }) => url).filter((url) => !url.includes('/auto'))
  }
  /** Where each number of a title leads: an address, or the status and code of a refusal. */
  const leads = async (id: string, count: number): Promise<string[]> =>
    Promise.all(
      Array.from({ length: count }, async (_, number) => {
        const answer = await ask(stage.server.base + playMovie(id, number))
        return answer.headers.location ?? `${answer.status} ${errorCode(answer.body)}`
      }),
    )
  async function change(
    titles: readonly CatalogueTitle[],
    id: string,
    listed: number,
  ): Promise<void> {
    await stage.writeCatalogue(titles)
    await eventually(`${listed} sources of ${id}`, async () => (await urls(id)).length === listed)
  }

  test('numbers count from 0 in the order of the file', async () => {
    expect(await urls(CHANGING)).toHaveLength(3)
    expect(await leads(CHANGING, 3)).toEqual(['a', 'b', 'c'].map(address))
  })

  test('a new title and a new source appear; numbers stay with their sources', async () => {
    const sources = ['d', 'c', 'a', 'b'].map(source)
    const titles = [
      steady,
      movie(CHANGING, 'Changing', ...sources),
      movie(ADDED, 'Added', source('x')),
    ]
    await change(titles, CHANGING, 4)
    expect(await leads(CHANGING, 4)).toEqual(['a', 'b', 'c', 'd'].map(address))
    expect(await leads(ADDED, 1)).toEqual([address('x')])
  })

  test('a source taken out is 404; the others keep their numbers', async () => {
    await change([steady, movie(CHANGING, 'Changing', source('d'), source('a'))], CHANGING, 2)
    const [a, b, c, d] = await leads(CHANGING, 4)
    expect([a, d]).toEqual([address('a'), address('d')])
    expect(b).toMatch(/^404 /)
    expect(c).toBe(b)
  })

  test('a listed address keeps meaning its source, never another one', async () => {
    const [first] = await urls(CHANGING)
    const location = (await ask(first ?? '')).headers.location
    await change(
      [steady, movie(CHANGING, 'Changing', source('e'), source('d'), source('a'))],
      CHANGING,
      3,
    )
    expect((await ask(first ?? '')).headers.location).toBe(location)
    const key = new URL(first ?? '').searchParams.get('s') ?? ''
    expect(key).toMatch(/^[a-z2-7]{10}$/i)
    // the key wins over the number; a key that nobody has is nobody's
    const moved = await ask(`${stage.server.base}${playMovie(CHANGING, 4)}?s=${key}`)
    expect(moved.headers.location).toBe(location)
    const none = await ask(`${stage.server.base}${playMovie(CHANGING, 0)}?s=aaaaaaaaaa`)
    expect(none.status).toBe(404)
  })

  test('one bad entry never loses the rest', async () => {
    const bad = { id: 'tt1', type: 'movie', name: 5, sources: 'none' } as unknown as CatalogueTitle
    const worse = movie(CHANGING, 'Changing', source('a'), { magnet: 'magnet:?nothing' })
    await change([bad, steady, worse], CHANGING, 1)
    expect(await leads(STEADY, 1)).toEqual([address('steady')])
    expect((await leads(CHANGING, 1))[0]).toBe(address('a'))
  })

  test('a file that cannot be read keeps what was known', async () => {
    await writeFile(stage.catalogue, '{"version":1,"titles":[')
    await eventually('a complaint in the log', () => /titles\.json/.test(warnings()))
    expect(await leads(STEADY, 1)).toEqual([address('steady')])
    await change([steady, movie(ADDED, 'Added', source('y'), source('z'))], ADDED, 2)
  })

  const warnings = (): string =>
    stage.server
      .log()
      .split('\n')
      .filter((line) => /"level":(40|50)/.test(line))
      .join('\n')
})
