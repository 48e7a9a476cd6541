import { afterEach, expect, test } from '@jest/globals'
import type { Addon } from '../../addon/addon.ts'
import { createAddonRoutes } from '../../server/addon-routes.ts'
import { keepBusy } from '../support/keep-busy.ts'
import { ask, until } from './ask.ts'
import { startServer, type TestServer } from './fakes.ts'

/** More than an address may have of a turn. */
const WORK_MS = 3

let server: TestServer | undefined
afterEach(() => server?.stop())

test('a list that many wait for is made for one after the other, and for others in between', async () => {
  let isReady = (): void => {}
  const ready = new Promise<void>((resolve) => {
    isReady = resolve
  })
  let waiting = 0
  let iteration = 0
  const madeAt: number[] = []
  const streams: Addon['streams'] = async (_type, _id, _baseUrl, _signal, viewer) => {
    waiting++
    await ready
    await viewer?.goOn?.()
    madeAt.push(iteration)
    keepBusy(WORK_MS)
    return { streams: [], cacheMaxAge: 60 }
  }
  const addonRoutes = createAddonRoutes({
    addon: { streams, titleOf: async () => undefined } as unknown as Addon,
    baseUrl: () => 'http://a',
    equalForAll: true,
    prefetch: { listRequested: () => {} },
  })
  server = await startServer({ addonRoutes })
  const { port } = server
  const all = Array.from({ length: 20 }, () => ask(port, '/stream/movie/tt1254207.json'))
  await until('all wait', () => waiting === 20)
  const count = (): void => {
    iteration++
    if (madeAt.length < 20) setImmediate(count)
  }
  count()
  isReady()
  expect((await Promise.all(all)).map(({ status }) => status)).toEqual(Array(20).fill(200))
  expect(new Set(madeAt).size).toBe(20)
})
