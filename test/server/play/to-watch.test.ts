import { afterEach, expect, test } from '@jest/globals'
import { ask } from '../ask.ts'
import { fakeFile, patterned, startServer, type TestServer } from '../fakes.ts'

let server: TestServer
afterEach(() => server.stop())

const FILM = '/play/movie/tt1254207/0?s=abcdefghij'
const NAVIGATES = {
  'Sec-Fetch-Dest': 'document',
  'Sec-Fetch-Mode': 'navigate',
  Accept: 'text/html',
}

async function start(name: string, browser: 'audio' | 'off' = 'audio') {
  const file = fakeFile(patterned(1000), { name })
  server = await startServer({ play: async () => file.playable, config: { browser } })
  return { port: server.port, counts: file.counts }
}

test('a browser that opens a Matroska file is led to the page that plays it', async () => {
  const { port, counts } = await start('film.mkv')
  const answer = await ask(port, FILM, { headers: NAVIGATES })
  expect([answer.status, answer.headers.location]).toEqual([
    302,
    '../../../watch/movie/tt1254207/0?s=abcdefghij',
  ])
  expect(counts).toMatchObject({ released: 1, read: 0 })
})

test('an episode, as many steps up', async () => {
  const { port } = await start('film.mkv')
  const answer = await ask(port, '/play/series/tt0903747/2/1/5', { headers: NAVIGATES })
  expect(answer.headers.location).toBe('../../../../../watch/series/tt0903747/2/1/5')
})

test.each([
  ['a player', 'film.mkv', {}],
  ['a video element', 'film.mkv', { 'Sec-Fetch-Dest': 'video' }],
  ['a script', 'film.mkv', { 'Sec-Fetch-Dest': 'empty' }],
  ['a link of our own pages', 'film.mkv', { ...NAVIGATES, 'Sec-Fetch-Site': 'same-origin' }],
  ['a download that goes on', 'film.mkv', { ...NAVIGATES, Range: 'bytes=5-' }],
  ['a browser that plays it itself', 'film.mp4', NAVIGATES],
])('%s gets the bytes', async (_, name, headers) => {
  const { port } = await start(name)
  expect([200, 206]).toContain((await ask(port, FILM, { headers })).status)
})

test('BROWSER=off leads nowhere', async () => {
  const { port } = await start('film.mkv', 'off')
  expect((await ask(port, FILM, { headers: NAVIGATES })).status).toBe(200)
})
