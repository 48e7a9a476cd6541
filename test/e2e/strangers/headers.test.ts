import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { published } from '../../support/facts.ts'
import { slowOnes } from '../../support/ratio.ts'
import type { Playlink } from '../../support/server/playlink.ts'
import { ask } from '../../support/server/request.ts'
import { openStage, type Stage } from '../../support/server/stage.ts'
import { movie, playMovie, streamsOf } from '../../support/titles.ts'

const ID = 'tt9003001'
const TOKEN = 'correct-horse-battery-staple'
/** Node reads 16 KiB of headers; what is linear takes these 14 KB like the honest request beside it. */
const LENGTHS = [1000, 14_000] as const
/** What is quadratic takes 30 to 300 times as long; of what is linear nothing took 4 times as long. */
const MOST = 5

/** Repeated, they are what patterns and splitters of headers go back over. */
const PIECES = [
  ...[' ', ',', '/', '"', ':', '%', '1', '[', '=', ';', '.', '-', 'a', '&'],
  ...['0-0,', 'a/b,', '127.0.0.1,'],
]

/** How an honest value of each begins: what follows it is then looked at. */
const HEADERS: Readonly<Record<string, readonly string[]>> = {
  Accept: ['', 'text/html', 'text/html;"', '"', 'a/b;q="'],
  'Accept-Charset': [''],
  'Accept-Encoding': ['', 'gzip;'],
  'Accept-Language': ['', 'en;'],
  Authorization: ['', 'Bearer ', 'Bearer x', 'Basic '],
  'Cache-Control': ['', 'no-cache'],
  Connection: ['', 'keep-alive, '],
  'Content-Encoding': [''],
  'Content-Type': ['', 'application/json', 'application/json;', 'application/json; charset="'],
  Cookie: ['', 'a='],
  Expect: ['', '100-continue'],
  Forwarded: ['', 'for="'],
  Host: ['', 'a', '[', '127.0.0.1:'],
  'If-Match': [''],
  'If-Modified-Since': ['', 'Thu, 01 Jan 1970'],
  'If-None-Match': ['', '"', 'W/"', '"a", '],
  'If-Range': ['', '"'],
  'If-Unmodified-Since': [''],
  Origin: ['', 'http://', 'http://a'],
  Range: ['', 'bytes=', 'bytes=0', 'bytes=0-', 'bytes=-'],
  Referer: ['', 'http://'],
  'Sec-Fetch-Dest': [''],
  'Sec-Fetch-Mode': [''],
  'Sec-Fetch-Site': [''],
  TE: [''],
  'User-Agent': [''],
  Via: ['', '1.1 '],
  'X-Forwarded-For': ['', '127.0.0.1'],
  'X-Forwarded-Host': ['', 'a', '['],
  'X-Forwarded-Prefix': ['', '/', '/a'],
  'X-Forwarded-Proto': ['', 'https'],
  'X-Playlink-Hop': ['', 'a'],
  'X-Real-IP': [''],
  'X-Sendfile-Type': [''],
}

interface Wanted {
  readonly path: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

const LIST: Wanted = { path: streamsOf(ID) }
const ADDRESSES: Readonly<Record<string, Wanted>> = {
  'a list': LIST,
  'the head of a play': { path: playMovie(ID), method: 'HEAD' },
  'a cached range': { path: playMovie(ID), headers: { Range: 'bytes=0-99' } },
  'a play that is refused': { path: `${playMovie(ID, 7)}?s=aaaaaaaaaa` },
  'the page': { path: '/', headers: { Accept: 'text/html' } },
  'the cache, emptied by nobody': {
    path: '/api/cache-config',
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${TOKEN}` },
    body: '{}',
  },
}

/** Where text of a stranger stands in an address. */
const PATHS: Readonly<Record<string, (text: string) => string>> = {
  'a path': (text) => `/${text}`,
  preferences: (text) => `/v1~p.${text}/stream/movie/${ID}.json`,
  'preferences of a manifest': (text) => `/${text}/manifest.json`,
  'preferences of a page': (text) => `/${text}/configure`,
  'preferences of Auto': (text) => `/play/movie/${ID}/auto?c=v9~p.${text}`,
  'a form': (text) => `/configure?chosen=1&size=${text}`,
  'a field of a form': (text) => `/configure?${text}`,
  'an id of a list': (text) => `/stream/movie/${text}.json`,
  'an id of a play': (text) => `/play/movie/${text}/0`,
  'a number': (text) => `${playMovie(ID)}${text}`,
  'a source key': (text) => `${playMovie(ID)}?s=${text}`,
  'a query of a play': (text) => `${playMovie(ID)}?${text}`,
  'an extra of a catalog': (text) => `/catalog/movie/none/skip=${text}.json`,
  'an extra of subtitles': (text) => `/subtitles/movie/${ID}/filename=${text}.json`,
  'an asset': (text) => `/assets/${text}`,
  'a clip': (text) => `/clips/${text}`,
  'another host': (text) => `http://${text}/health`,
  'a scheme': (text) => `a${text}://b/health`,
}
const TOKEN_PATHS: Readonly<Record<string, (text: string) => string>> = {
  'a token': (text) => `/t/${text}/manifest.json`,
  'tokens in a row': (text) => `/t/a/t/${text}`,
  'the path behind a token': (text) => `/t/aaaa/${text}`,
  'what is open': (text) => `/assets/${text}`,
  'another host': (text) => `http://${text}/t/a/manifest.json`,
}

const texts = LENGTHS.flatMap((length) =>
  PIECES.map((piece) => ({
    name: `${JSON.stringify(piece)} up to ${length}`,
    text: `${piece.repeat(Math.floor(length / piece.length))}x`,
  })),
)

/** One connection for all: what is measured is the answer. A cut connection is an answer too. */
function asker(server: Playlink, agent: Agent) {
  return ({ path, method = 'GET', headers = {}, body }: Wanted): Promise<void> =>
    new Promise((resolve) => {
      const { port } = server
      const req = request({ host: '127.0.0.1', port, agent, path, method, headers })
      req.once('error', () => resolve())
      req.once('response', (res) => res.once('close', resolve).on('error', resolve).resume())
      req.end(body)
    })
}

/** A request target that Node's own client would not send: as it stands, on a connection of its own. */
function targets(server: Playlink) {
  return (target: string): Promise<void> =>
    new Promise((resolve) => {
      const socket = connect(server.port, '127.0.0.1')
      socket
        .once('error', () => resolve())
        .once('close', () => resolve())
        .resume()
      socket.end(`GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
    })
}

describe('long values made to be read again and again', () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  let stage: Stage<'film'>
  let guarded: Playlink
  beforeAll(async () => {
    stage = await openStage({
      torrents: { film: { name: 'Film.2001.mkv', size: 60_000 } },
      titles: ({ magnet }) => [movie(ID, 'Film', { magnet: magnet('film') })],
      env: { TRUST_PROXY: 'loopback', ADMIN_TOKEN: TOKEN },
    })
    guarded = await stage.another({ ACCESS_TOKENS: `${stage.folder}/tokens.json` })
    await ask(stage.server.base + playMovie(ID))
    await published(stage.server.base, ID)
  })
  afterAll(async () => {
    agent.destroy()
    await stage?.end()
  })

  test.each(Object.entries(ADDRESSES))(
    'in each header, for %s',
    async (_name, honest) => {
      const send = asker(stage.server, agent)
      const works = Object.entries(HEADERS).flatMap(([header, fronts]) =>
        fronts.flatMap((front) =>
          texts.map(({ name, text }): [string, () => unknown] => [
            `${header}: ${front} ${name}`,
            () => send({ ...honest, headers: { ...honest.headers, [header]: front + text } }),
          ]),
        ),
      )
      expect(await slowOnes(new Map(works), () => send(honest), MOST)).toEqual([])
      expect((await ask(`${stage.server.base}/health`)).status).toBe(200)
    },
    180_000,
  )

  test.each([
    ['the address', PATHS, () => stage.server],
    ['the address, where viewers have tokens', TOKEN_PATHS, () => guarded],
  ])(
    'in each part of %s',
    async (_name, paths, server) => {
      const send = targets(server())
      const works = Object.entries(paths).flatMap(([part, path]) =>
        texts
          .filter(({ text }) => !/[ \t]/.test(text))
          .map(({ name, text }): [string, () => unknown] => [
            `${part} ${name}`,
            () => send(path(text)),
          ]),
      )
      expect(await slowOnes(new Map(works), () => send(LIST.path), MOST)).toEqual([])
      expect((await ask(`${server().base}/health`)).status).toBe(200)
    },
    180_000,
  )
})
