import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { published } from '../../support/facts.ts'
import { ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { MiB } from '../../support/swarm/payload.ts'
import { movie, playMovie } from '../../support/titles.ts'

const [FREE, PRIVATE] = ['tt9900000001', 'tt9900000002'] as const

let stage: Stage<'free' | 'private'>
beforeAll(async () => {
  stage = await openStage({
    torrents: {
      free: { name: 'A.Free.Film.2001.mp4', size: MiB },
      private: { name: 'A.Birthday.2024.mp4', size: MiB },
    },
    titles: ({ magnet }) => [
      { ...movie(FREE, 'A free film', { magnet: magnet('free') }), licence: 'CC-BY-4.0' },
      movie(PRIVATE, 'A birthday', { magnet: magnet('private') }),
    ],
  })
})
afterAll(() => stage?.end())

const names = async (base: string, path: string) => {
  const answered = await ask(`${base}/catalog/movie/${path}.json`)
  expect(answered.status).toBe(200)
  return (answered.json() as { metas: { name: string }[] }).metas.map(({ name }) => name)
}

async function playBoth(base: string): Promise<void> {
  for (const id of [FREE, PRIVATE]) {
    await ask(base + playMovie(id))
    await published(base, id)
  }
}

test('what was played is ready to play; strangers are told of free films only', async () => {
  const { base } = stage.server
  expect(await names(base, 'playlink-ready')).toEqual([])
  await playBoth(base)
  expect(await names(base, 'playlink-ready')).toEqual(['A free film'])
  expect(await names(base, 'playlink-free')).toEqual(['A free film'])
  const meta = async (id: string) =>
    (await ask(`${base}/meta/movie/${id}.json`)).json() as { meta: { name: string } | null }
  expect((await meta(FREE)).meta?.name).toBe('A free film')
  expect((await meta(PRIVATE)).meta).toBeNull()
})

test('CATALOGS=all tells of all, the last played first; off has none', async () => {
  const all = await stage.another({ CATALOGS: 'all' })
  await playBoth(all.base)
  expect(await names(all.base, 'playlink-ready')).toEqual(['A birthday', 'A free film'])
  const off = await stage.another({ CATALOGS: 'off' })
  const manifest = (await ask(`${off.base}/manifest.json`)).json()
  expect(manifest).toMatchObject({ catalogs: [] })
  expect(await names(off.base, 'playlink-free')).toEqual([])
})
