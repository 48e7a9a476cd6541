import type { RequestListener } from 'node:http'
import { afterEach, describe, expect, test } from '@jest/globals'
import {
  type FileRange,
  RangeClient,
  WebSeedError,
} from '../../../../torrent/engine/webseed/range-client.ts'
import { payload } from '../../../support/swarm/payload.ts'
import { startWeb, type Web } from '../../../support/web.ts'

const FILE = payload('web seed', 100_000)
const RANGE: FileRange = { start: 1000, end: 3000, size: FILE.length }

let web: Web | undefined
const client = new RangeClient(2)
afterEach(async () => {
  await web?.close()
  web = undefined
})

interface Read {
  readonly bytes: Buffer
  /** Of the error that ended it, if one did. */
  readonly kind: string | undefined
}

/** What comes of the range from a server that answers so; reading ends when there is too much of it. */
async function read(answer: RequestListener): Promise<Read> {
  web = await startWeb(answer)
  const parts: Buffer[] = []
  let got = 0
  let kind: string | undefined
  try {
    for await (const part of client.range(`${web.base}/x`, RANGE, AbortSignal.timeout(20_000))) {
      parts.push(Buffer.from(part))
      got += part.length
      if (got > RANGE.end) break
    }
  } catch (error) {
    kind = error instanceof Error && 'kind' in error ? String(error.kind) : 'other'
  }
  return { bytes: Buffer.concat(parts), kind }
}

/** All of the file and more, whatever was asked for. */
const partial =
  (contentRange: string | undefined, headers = {}): RequestListener =>
  (_req, res) => {
    const range = contentRange === undefined ? {} : { 'Content-Range': contentRange }
    res.writeHead(206, { ...range, ...headers })
    res.end(Buffer.concat([FILE.subarray(RANGE.start), FILE]))
  }

describe('a hostile answer to a range', () => {
  test.each([
    ['ends before it begins', 'bytes 1000-5/100000'],
    ['ends one byte before it begins', 'bytes 1000-999/100000'],
    ['begins elsewhere', 'bytes 1001-2999/100000'],
    ['is of another file', 'bytes 1000-2999/100001'],
    ['has a negative end', 'bytes 1000--5/100000'],
    ['has no end', 'bytes 1000-/100000'],
    ['is not satisfied', 'bytes */100000'],
    ['counts in other units', 'items 1000-2999/100000'],
    ['has numbers without end', `bytes ${'9'.repeat(400)}-${'9'.repeat(400)}/100000`],
    ['is not said', undefined],
  ])('that %s: not one byte of it', async (_, contentRange) => {
    expect(await read(partial(contentRange))).toEqual({ bytes: Buffer.alloc(0), kind: 'missing' })
  })

  test.each(['gzip', 'br', 'identity, gzip'])(
    'that is encoded as %s: not one byte',
    async (coding) => {
      const answer = partial('bytes 1000-2999/100000', { 'Content-Encoding': coding })
      expect(await read(answer)).toEqual({ bytes: Buffer.alloc(0), kind: 'missing' })
    },
  )

  test.each([
    'Bytes 1000-2999/100000',
    'bytes=1000-2999/100000',
    '1000-2999/*',
    'bytes 1000 - 2999 / *',
  ])('whose range is written %s is read', async (contentRange) => {
    const { bytes, kind } = await read(partial(contentRange))
    expect([bytes.equals(FILE.subarray(1000, 3000)), kind]).toEqual([true, undefined])
  })

  test.each(['', 'none', 'Identity'])(
    'that is encoded as %j, which is not at all',
    async (coding) => {
      const { bytes } = await read(
        partial('bytes 1000-2999/100000', { 'Content-Encoding': coding }),
      )
      expect(bytes.equals(FILE.subarray(1000, 3000))).toBe(true)
    },
  )

  test('that begins before what was asked for: what comes before is left out', async () => {
    const { bytes } = await read((_req, res) => {
      res.writeHead(206, { 'Content-Range': 'bytes 0-99999/100000' }).end(FILE)
    })
    expect(bytes.equals(FILE.subarray(1000, 3000))).toBe(true)
  })

  test('with more bytes than it says: only those that were asked for', async () => {
    const { bytes, kind } = await read(partial('bytes 1000-99999/100000'))
    expect([bytes.equals(FILE.subarray(1000, 3000)), kind]).toEqual([true, undefined])
  })

  test('with an end beyond all numbers: only those that were asked for', async () => {
    const { bytes, kind } = await read(partial(`bytes 1000-${'9'.repeat(400)}/*`))
    expect([bytes.equals(FILE.subarray(1000, 3000)), kind]).toEqual([true, undefined])
  })

  test.each([
    ['nowhere', 'http://'],
    ['a file of this machine', 'file:///etc/passwd'],
    ['another protocol', 'ftp://127.0.0.1/x'],
    ['itself', '/x'],
  ])('that redirects to %s ends', async (_, Location) => {
    let asked = 0
    const { bytes, kind } = await read((_req, res) => {
      asked++
      res.writeHead(302, { Location }).end()
    })
    expect([bytes.length, kind]).toEqual([0, expect.any(String)])
    expect(asked).toBeLessThanOrEqual(6)
  })
})

test('an answer that ends early is gone on with, as long as it brings something', async () => {
  let asked = 0
  let each = 30_000
  web = await startWeb((req, res) => {
    asked++
    const start = Number(/\d+/.exec(req.headers.range ?? '')?.[0])
    res.writeHead(206, {
      'Content-Range': `bytes ${start}-99999/100000`,
      'Content-Length': 100_000 - start,
    })
    res.write(FILE.subarray(start, start + each), () => res.destroy())
  })
  const all: FileRange = { start: 0, end: 100_000, size: 100_000 }
  const readAll = async (): Promise<Buffer> => {
    const parts: Buffer[] = []
    for await (const part of client.range(`${web?.base}/x`, all, AbortSignal.timeout(20_000))) {
      parts.push(Buffer.from(part))
    }
    return Buffer.concat(parts)
  }
  expect((await readAll()).equals(FILE)).toBe(true)
  expect(asked).toBeGreaterThanOrEqual(4)
  each = 100
  asked = 0
  await expect(readAll()).rejects.toThrow()
  expect(asked).toBeLessThanOrEqual(1)
})

test('a place in raw UTF-8 is found', async () => {
  web = await startWeb((req, res) => {
    if (req.url !== '/x') return void partial('bytes 1000-2999/100000')(req, res)
    res.writeHead(302, { Location: Buffer.from('/Ф.mkv').toString('latin1') }).end()
  })
  expect(await first(`${web.base}/x`)).toBe('bytes')
})

/** What comes first: bytes, or an error. */
async function first(url: string): Promise<string> {
  try {
    for await (const _ of client.range(url, RANGE, AbortSignal.timeout(20_000))) return 'bytes'
  } catch (error) {
    return error instanceof WebSeedError ? error.kind : 'another error'
  }
  return 'nothing'
}

test('a place that it was redirected to and that is gone is asked for anew, and no word on the file', async () => {
  let place = '/a'
  const answer: RequestListener = (req, res) => {
    if (req.url === '/x') return void res.writeHead(302, { Location: place }).end()
    if (req.url !== place) return void res.writeHead(404).end()
    partial('bytes 1000-2999/100000')(req, res)
  }
  web = await startWeb(answer)
  const url = `${web.base}/x`
  expect(await first(url)).toBe('bytes')
  place = '/b'
  expect([await first(url), await first(url)]).toEqual(['temporary', 'bytes'])
})

test('so is one whose machine is gone', async () => {
  const elsewhere = await startWeb(partial('bytes 1000-2999/100000'))
  let place = `${elsewhere.base}/a`
  web = await startWeb((req, res) => {
    if (req.url === '/x') res.writeHead(302, { Location: place }).end()
    else partial('bytes 1000-2999/100000')(req, res)
  })
  const url = `${web.base}/x`
  expect(await first(url)).toBe('bytes')
  await elsewhere.close()
  place = '/b'
  expect([await first(url), await first(url)]).toEqual(['another error', 'bytes'])
})
