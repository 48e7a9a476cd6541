import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { afterEach, describe, expect, test } from '@jest/globals'
import { systemClock } from '../../../common/clock.ts'
import { LOOP_HEADER, OWN_LOOP_ID } from '../../../common/network/loop-header.ts'
import type { BytesPlayable } from '../../../player/files/playable.ts'
import { createViewer, type Viewer } from '../../../player/jobs/viewer.ts'
import { LinkClient } from '../../../player/relay/link-client.ts'
import { Relay } from '../../../player/relay/relay.ts'
import type { NumberedSource } from '../../../sources/source.ts'
import { endAll, faultOf, LOCAL, outbound, serve } from '../../common/network/outbound-stage.ts'
import { payload } from '../../support/swarm/payload.ts'
import { drain, eventually, sourceOf } from '../fakes.ts'

const FILM = payload('a relayed film', 3_000_001)
const viewers: Viewer[] = []
afterEach(() => {
  for (const viewer of viewers.splice(0)) viewer.end()
  endAll()
})

/** Sends the film in parts, as servers of films do; `how` may change the answer. */
const filmServer =
  (how: (req: IncomingMessage, res: ServerResponse, from: number) => boolean = () => false) =>
  (req: IncomingMessage, res: ServerResponse): void => {
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(req.headers.range ?? '') ?? []
    const from = Number(first ?? 0)
    const to = last ? Number(last) : FILM.length - 1
    res.setHeader('content-type', 'video/mp4')
    res.setHeader('etag', '"v1"')
    if (how(req, res, from)) return
    const range = `bytes ${from}-${to}/${FILM.length}`
    res.writeHead(206, { 'content-range': range, 'content-length': to - from + 1 })
    res.end(FILM.subarray(from, to + 1))
  }

interface Set {
  readonly relay: Relay
  readonly source: NumberedSource
  readonly asked: IncomingMessage['headers'][]
  open(): Promise<BytesPlayable>
}

async function set(
  answer: RequestListener,
  more: Partial<NumberedSource> = {},
  allow = LOCAL,
  stallMs = 60_000,
): Promise<Set> {
  const asked: IncomingMessage['headers'][] = []
  const port = await serve((req, res) => {
    asked.push(req.headers)
    answer(req, res)
  })
  const relay = new Relay({
    links: new LinkClient(outbound(allow), systemClock),
    stallMs,
    idleViewerMs: 60_000,
    maxRelays: 64,
    clock: systemClock,
  })
  const locator = { kind: 'url', url: `http://127.0.0.1:${port}/key/film?apikey=1` } as const
  const source = { ...sourceOf(locator), relayed: true, ...more }
  const open = (): Promise<BytesPlayable> => {
    const viewer = createViewer(new AbortController().signal, 20_000, systemClock)
    viewers.push(viewer)
    return relay.open(source, viewer)
  }
  return { relay, source, asked, open }
}

describe('a relayed link', () => {
  test('plays from the answer that told what it is, and in parts without asking again', async () => {
    const { open, asked, relay, source } = await set(filmServer())
    expect(relay.head(source)).toEqual({ kind: 'bytes', name: '', whole: false })
    const first = await open()
    expect(first).toMatchObject({ from: 'relay', name: 'video.mp4', size: FILM.length })
    expect(first.etag).toMatch(/^"r-[0-9a-f]{32}"$/)
    expect((await drain(first)).equals(FILM)).toBe(true)
    expect(asked.map(({ range }) => range)).toEqual(['bytes=0-'])
    first.release()
    const second = await open()
    expect((await drain(second, 100, 2_000_000)).equals(FILM.subarray(100, 2_000_001))).toBe(true)
    second.release()
    expect(asked.slice(1)).toEqual([
      expect.objectContaining({ range: 'bytes=100-2000000', 'if-range': '"v1"' }),
    ])
    const { size, etag } = second
    expect(relay.head(source)).toMatchObject({ size, etag, name: 'video.mp4' })
  })

  test('sends the headers that it needs, and none that would change the request', async () => {
    const request = {
      Referer: 'https://r.example/',
      Cookie: 'a=b',
      Host: 'evil.example',
      Range: 'bytes=7-',
      'Transfer-Encoding': 'chunked',
      'Content-Length': '5',
      'Accept-Encoding': 'gzip',
      'If-None-Match': '*',
    }
    const { open, asked } = await set(filmServer(), { proxyHeaders: { request } })
    ;(await open()).release()
    const { host, ...sent } = asked[0] ?? {}
    expect(host).toMatch(/^127\.0\.0\.1:/)
    expect(sent).toEqual({
      referer: 'https://r.example/',
      cookie: 'a=b',
      range: 'bytes=0-',
      'accept-encoding': 'identity',
      'user-agent': 'Playlink',
      [LOOP_HEADER]: OWN_LOOP_ID,
      connection: 'close',
    })
  })

  test('keeps its headers to itself when another server has the film', async () => {
    const there: IncomingMessage['headers'][] = []
    const port = await serve((req, res) => {
      there.push(req.headers)
      filmServer()(req, res)
    })
    const away: RequestListener = (_req, res) =>
      void res.writeHead(302, { location: `http://127.0.0.1:${port}/`, 'set-cookie': 'c=d' }).end()
    const request = { Referer: 'https://r.example/', Cookie: 'a=b', Authorization: 'Bearer x' }
    const { open } = await set(away, { proxyHeaders: { request } })
    const playable = await open()
    expect((await drain(playable, 5, 99)).equals(FILM.subarray(5, 100))).toBe(true)
    playable.release()
    expect(there.map(({ range }) => range)).toEqual(['bytes=0-', 'bytes=5-99'])
    expect(JSON.stringify(there)).not.toMatch(/r\.example|a=b|c=d|Bearer/)
  })

  test('of a server that sends no parts is played whole', async () => {
    const { open } = await set((_req, res) => {
      res.writeHead(200, { 'content-type': 'video/webm', 'content-length': FILM.length }).end(FILM)
    })
    const playable = await open()
    expect(playable).toMatchObject({ whole: true, etag: undefined, name: 'video.webm' })
    expect((await drain(playable)).equals(FILM)).toBe(true)
    playable.release()
  })

  test('may be an empty file', async () => {
    const { open } = await set((_req, res) => {
      res.writeHead(416, { 'content-range': 'bytes */0' }).end()
    })
    const playable = await open()
    expect(playable.size).toBe(0)
    playable.release()
  })
})

describe('a body that breaks', () => {
  /** Breaks off after so many bytes, as often as told. */
  const breaking = (times: number, at = 1_000_000, change?: (res: ServerResponse) => void) => {
    let left = times
    return filmServer((_req, res, from) => {
      if (left < times) change?.(res)
      if (left-- <= 0) return false
      const range = `bytes ${from}-${FILM.length - 1}/${FILM.length}`
      res.writeHead(206, { 'content-range': range, 'content-length': FILM.length - from })
      res.write(FILM.subarray(from, from + at), () => res.destroy())
      return true
    })
  }

  test('goes on from the byte that it broke at', async () => {
    const { open, asked } = await set(breaking(1))
    const playable = await open()
    expect((await drain(playable)).equals(FILM)).toBe(true)
    playable.release()
    expect(asked).toHaveLength(2)
    expect(asked[1]).toMatchObject({ 'if-range': '"v1"' })
    const from = Number(/\d+/.exec(asked[1]?.range ?? '')?.[0])
    expect(from).toBeGreaterThan(0)
    expect(from).toBeLessThanOrEqual(1_000_000)
  })

  test('twice fails', async () => {
    const { open, asked } = await set(breaking(2))
    const playable = await open()
    expect(await faultOf(drain(playable))).toBe('UPSTREAM_FAILED')
    playable.release()
    expect(asked).toHaveLength(2)
  })

  test.each<[string, (res: ServerResponse) => void]>([
    ['another validator', (res) => res.setHeader('etag', '"v2"')],
    ['no validator', (res) => res.removeHeader('etag')],
    ['a page', (res) => res.setHeader('content-type', 'text/html')],
  ])('fails when the other server then has %s', async (_, change) => {
    const { open } = await set(breaking(1, 500_000, change))
    const playable = await open()
    expect(await faultOf(drain(playable))).toBe('UPSTREAM_FAILED')
    playable.release()
  })
})

describe('the other server', () => {
  test('stops when the viewer takes nothing, and when the viewer leaves', async () => {
    let sent = 0
    let closed = 0
    const endless = 200_000_000
    const { open } = await set((_req, res) => {
      const range = `bytes 0-${endless - 1}/${endless}`
      res.writeHead(206, { 'content-range': range, 'content-length': endless })
      const chunk = Buffer.alloc(1 << 20)
      const more = (): void => {
        sent += chunk.length
        if (sent < endless) res.write(chunk, (error) => !error && more())
      }
      more()
      res.once('close', () => closed++)
    })
    const playable = await open()
    const reader = playable.read({ start: 0, end: endless - 1 })
    await reader.read(Buffer.alloc(65_536))
    let before = -1
    await eventually('no more than buffers hold', () => {
      const still = before === sent
      before = sent
      return still && sent > 0
    })
    // What sockets of this machine hold, not the film.
    expect(sent).toBeLessThan(endless / 4)
    expect(closed).toBe(0)
    reader.close()
    await eventually('closed', () => closed === 1)
    playable.release()
  })

  test('is left when nobody reads what it was asked for', async () => {
    let closed = 0
    const { open } = await set((req, res) => {
      res.once('close', () => closed++)
      filmServer()(req, res)
    })
    ;(await open()).release()
    await eventually('closed', () => closed === 1)
  })

  test('that falls silent ends the read with STALLED', async () => {
    const { open } = await set(
      filmServer((_req, res) => {
        const range = `bytes 0-${FILM.length - 1}/${FILM.length}`
        res.writeHead(206, { 'content-range': range, 'content-length': FILM.length })
        return res.write(FILM.subarray(0, 1000))
      }),
      {},
      LOCAL,
      400,
    )
    const playable = await open()
    expect(await faultOf(drain(playable))).toBe('STALLED')
    playable.release()
  })

  test('at an address that is not public is not asked', async () => {
    const { open, asked } = await set(filmServer(), {}, [])
    expect(await faultOf(open())).toBe('OUTBOUND_REFUSED')
    expect(asked).toEqual([])
  })
})

test.each<[string, Record<string, string>]>([
  ['a coding that is none', { 'content-encoding': 'aws-chunked' }],
  ['another that is none', { 'content-encoding': 'UTF-8' }],
  ['a type that asks to save it', { 'content-type': 'application/force-download' }],
  ['another of those', { 'content-type': 'application/x-download' }],
  ['the old name of Matroska', { 'content-type': 'application/x-matroska' }],
])('%s says nothing against a film', async (_, headers) => {
  const { open } = await set((_req, res) => {
    res.writeHead(200, { 'content-length': FILM.length, ...headers }).end(FILM)
  })
  const playable = await open()
  expect((await drain(playable)).equals(FILM)).toBe(true)
  playable.release()
})

test.each(['bytes=0-4/5', '0-4/5', 'Bytes 0 - 4 / 5'])(
  '“%s” is a part all the same',
  async (range) => {
    const { open } = await set((_req, res) => {
      res.writeHead(206, { 'content-length': 5, 'content-range': range }).end('hello')
    })
    const playable = await open()
    expect((await drain(playable)).toString()).toBe('hello')
    playable.release()
  },
)

describe('what is not the bytes of a film is refused', () => {
  const length = { 'content-length': 5 }
  test.each<[string, number, Record<string, string | number>]>([
    ['a page', 200, { 'content-type': 'text/html', ...length }],
    ['JSON', 200, { 'content-type': 'application/json; charset=utf-8', ...length }],
    ['a playlist', 200, { 'content-type': 'application/vnd.apple.mpegurl', ...length }],
    ['an old playlist', 200, { 'content-type': 'audio/x-mpegurl', ...length }],
    ['a compressed body', 200, { 'content-encoding': 'gzip', ...length }],
    ['no length', 200, {}],
    ['an absurd length', 206, { 'content-range': `bytes 0-4/${2 ** 41}`, ...length }],
    ['another part', 206, { 'content-range': 'bytes 1-4/5', 'content-length': 4 }],
    ['more than the whole', 206, { 'content-range': 'bytes 0-5/5', ...length }],
    ['a part of unknown size', 206, { 'content-range': 'bytes 0-4/*', ...length }],
    ['not found', 404, length],
    ['not allowed', 403, length],
    ['a range that is not there', 416, { 'content-range': 'bytes */5' }],
    ['an error', 500, length],
  ])('%s', async (_, status, headers) => {
    const { open } = await set((_req, res) => void res.writeHead(status, headers).end('hello'))
    expect(await faultOf(open())).toBe('UPSTREAM_FAILED')
  })
})

describe('a text that calls itself bytes is refused, for it may hold the key', () => {
  test.each<[string, string]>([
    ['a playlist', '#EXTM3U\n#EXTINF:4,\nhttps://h.example/1.ts?token=k3y'],
    ['a playlist behind a mark and blanks', '\ufeff \n#EXTM3U\nhttps://h.example/1.ts'],
    ['a manifest of DASH', '<?xml version="1.0"?><MPD><BaseURL>https://h.example/k3y/</BaseURL>'],
    ['a page', '\n <html><a href="/k3y">'],
    ['JSON', '{"link":"https://h.example/?token=k3y"}'],
    ['a list of addresses', 'https://h.example/1.mp4?token=k3y\n'],
  ])('%s', async (_, text) => {
    const { open } = await set((_req, res) => {
      res.setHeader('content-type', 'application/octet-stream')
      res.writeHead(200, { 'content-length': Buffer.byteLength(text) }).end(text)
    })
    expect(await faultOf(open())).toBe('UPSTREAM_FAILED')
  })

  test.each<[string, string]>([
    ['a bracket', '3c02c47df5268dd0'],
    ['a brace', '7b00000000000000'],
    ['a blank and a bracket', '205b1a45dfa3'],
    ['the mark of a playlist', '2345585400ff00ff'],
  ])('bytes that begin with %s by chance play', async (_, hex) => {
    const film = Buffer.concat([Buffer.from(hex, 'hex'), FILM.subarray(0, 1000)])
    const { open } = await set((_req, res) => {
      res.setHeader('content-type', 'application/octet-stream')
      res.writeHead(200, { 'content-length': film.length }).end(film)
    })
    const playable = await open()
    expect((await drain(playable)).equals(film)).toBe(true)
    playable.release()
  })

  test('and what ends before its first byte', async () => {
    const { open } = await set((_req, res) => {
      res.writeHead(200, { 'content-type': 'video/mp4', 'content-length': 100 }).flushHeaders()
      setImmediate(() => res.destroy())
    })
    expect(await faultOf(open())).toBe('UPSTREAM_FAILED')
  })
})
