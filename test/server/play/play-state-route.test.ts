import { afterEach, expect, test } from '@jest/globals'
import type { PlayName } from '../../../player/files/play-request.ts'
import { ask } from '../ask.ts'
import { startServer, type TestServer } from '../fakes.ts'

let server: TestServer | undefined
afterEach(() => server?.stop())

test('/api/play-state tells how far a play is, by the address of the play', async () => {
  const asked: PlayName[] = []
  server = await startServer({
    progress: async (play) => {
      asked.push(play)
      return { stage: 'metadata', lastFailure: { code: 'NO_PEERS', message: 'Nobody.' } }
    },
  })
  const answer = await ask(server.port, '/api/play-state/series/tt1748166/3/1/2?s=ABCDEFGHIJ')
  expect(answer.status).toBe(200)
  expect(answer.headers['cache-control']).toBe('no-store')
  expect(answer.json()).toEqual({
    stage: 'metadata',
    lastFailure: { code: 'NO_PEERS', message: 'Nobody.' },
  })
  const title = { type: 'series', imdbId: 'tt1748166', season: 1, episode: 2 }
  expect(asked).toEqual([{ title, number: 3, sourceKey: 'abcdefghij' }])
  expect(server.asked).toEqual([])
})

test('an address may ask so often only; others go on asking', async () => {
  const some = { lists: 9, searches: 9, states: 2, coldStarts: 9, streams: 9, live: 9 }
  server = await startServer({ limits: { ...some, connections: 99 } })
  const path = '/api/play-state/movie/tt1254207/0'
  const statuses = []
  for (const from of ['127.0.0.2', '127.0.0.2', '127.0.0.2', '127.0.0.3']) {
    statuses.push((await ask(server.port, path, { from })).status)
  }
  expect(statuses).toEqual([200, 200, 429, 200])
})

test.each([
  ['/api/play-state/film/tt1748166/0', 400, 'BAD_TYPE'],
  ['/api/play-state/movie/tt1748166/x', 400, 'BAD_FILE_INDEX'],
  ['/api/play-state/movie/tt1748166/0?s=x', 400, 'BAD_SOURCE_KEY'],
  ['/api/play-state/movie/tt1748166', 404, 'NOT_FOUND'],
])('%s is %d %s', async (path, status, code) => {
  server = await startServer()
  const answer = await ask(server.port, path)
  expect([answer.status, (answer.json() as { error: { code: string } }).error.code]).toEqual([
    status,
    code,
  ])
})
