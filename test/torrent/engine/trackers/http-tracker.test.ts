import type { RequestListener } from 'node:http'
import { deflateSync, gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from '@jest/globals'
import { createAddressRules } from '../../../../common/network/address-rules.ts'
import { createOutbound } from '../../../../common/network/guarded-outbound.ts'
import { announceUrl, askHttpTracker } from '../../../../torrent/engine/trackers/http-tracker.ts'
import { bencode } from '../../../support/bencode.ts'
import { compactPeers } from '../../../support/swarm/compact.ts'
import { startWeb, type Web } from '../../../support/web.ts'
import { silent } from '../../engines.ts'
import { question } from './announcements.ts'

const peers = ['192.0.2.1:6881']
const good = bencode({ interval: 900, peers: compactPeers(peers) })
const outbound = createOutbound({ rules: createAddressRules(['127.0.0.0/29']), log: silent })
const open: Web[] = []
afterEach(async () => {
  for (const web of open.splice(0)) await web.close()
})

async function serve(answer: RequestListener): Promise<Web> {
  const web = await startWeb(answer)
  open.push(web)
  return web
}
const ask = async (answer: RequestListener, signal = new AbortController().signal) =>
  askHttpTracker(outbound, `${(await serve(answer)).base}/announce`, question, signal)

describe('what is asked', () => {
  test('hash and id byte by byte, and the rest of BEP 3', () => {
    const hash = question.infoHash.replace(/../g, '%$&')
    const id = Buffer.from(question.peerId).toString('hex').replace(/../g, '%$&')
    expect(announceUrl('http://t.example/a', question)).toBe(
      `http://t.example/a?info_hash=${hash}&peer_id=${id}&port=6881&uploaded=1&downloaded=2&left=3&compact=1&numwant=200&key=00000abc&event=started`,
    )
  })

  test.each([
    ['http://t.example/a?passkey=x', 'http://t.example/a?passkey=x&info_hash='],
    ['http://t.example/a?', 'http://t.example/a?info_hash='],
    ['http://t.example/a?x&', 'http://t.example/a?x&info_hash='],
    ['http://t.example/a#part', 'http://t.example/a?info_hash='],
  ])('%s', (url, begin) => {
    expect(announceUrl(url, question).startsWith(begin)).toBe(true)
  })

  test('a regular announcement has no event; the id that the tracker gave goes back to it', () => {
    const later = { ...question, event: undefined, trackerId: Buffer.from('&a') }
    const url = announceUrl('http://t.example/a', later)
    expect([url.includes('event='), url.endsWith('&trackerid=%26%61')]).toEqual([false, true])
  })

  test('who stops wants no peers', () => {
    expect(announceUrl('http://t.example/a', { ...question, event: 'stopped' })).toContain(
      'numwant=0',
    )
  })
})

describe('answers', () => {
  const BODIES: readonly (readonly [string, Record<string, string>, Buffer])[] = [
    ['plain', {}, good],
    ['gzip', { 'content-encoding': 'gzip' }, gzipSync(good)],
    ['gzip that no header tells of', {}, gzipSync(good)],
    ['deflate', { 'content-encoding': 'deflate' }, deflateSync(good)],
  ]
  test.each(BODIES)('%s', async (_what, headers, body) => {
    const answer = await ask((_req, res) => res.writeHead(200, headers).end(body))
    expect([answer.peers, answer.interval]).toEqual([peers, 900])
  })

  test.each<[string, Record<string, string>]>([
    ['a length that it does not have', { 'content-length': `${good.length + 2}` }],
    ['no last chunk', { 'transfer-encoding': 'chunked' }],
  ])('%s: what came is read when the connection ends', async (_what, headers) => {
    const answer = await ask((_req, res) => {
      res.writeHead(200, headers).write(good, () => res.socket?.end())
    })
    expect(answer.peers).toEqual(peers)
  })

  test('half of one is none', async () => {
    const asked = ask((_req, res) => {
      res.writeHead(200, { 'content-length': `${good.length}` })
      res.write(good.subarray(0, -1), () => res.socket?.end())
    })
    await expect(asked).rejects.toThrow('too early')
  })

  test('a redirect is followed, with its query', async () => {
    const target = await serve((_req, res) => res.end(good))
    const answer = await ask((req, res) =>
      res.writeHead(302, { Location: `${target.base}${req.url}` }).end(),
    )
    expect([answer.peers, target.requests[0]?.includes('info_hash=%')]).toEqual([peers, true])
  })

  test('a reason counts whatever the status', async () => {
    const asked = ask((_req, res) => res.writeHead(403).end(bencode({ 'failure reason': 'who?' })))
    await expect(asked).rejects.toThrow('who?')
  })
})

describe('what ends without one', () => {
  test.each([
    ['another status', (_req, res) => res.writeHead(404).end('<html>'), 'status 404'],
    ['no end in sight', (_req, res) => res.end(Buffer.alloc(1_100_000)), 'too long'],
    [
      'gigabytes in a megabyte',
      (_req, res) => res.end(gzipSync(Buffer.alloc(30 << 20))),
      'inflated',
    ],
    [
      'what only begins like gzip',
      (_req, res) => res.end(Buffer.from([0x1f, 0x8b, 1])),
      'inflated',
    ],
    ['a circle', (req, res) => res.writeHead(302, { Location: req.url ?? '' }).end(), ''],
    [
      'a way out of the guard',
      (_req, res) => res.writeHead(302, { Location: 'http://127.0.0.99/' }).end(),
      '',
    ],
  ] satisfies readonly (readonly [string, RequestListener, string])[])(
    '%s',
    async (_what, answer, why) => {
      await expect(ask(answer)).rejects.toThrow(why)
    },
  )

  test('a body that does not come, when it is ended', async () => {
    const end = new AbortController()
    const asked = ask((_req, res) => {
      res.writeHead(200).write('d')
      setTimeout(() => end.abort(new Error('ended')), 50)
    }, end.signal)
    await expect(asked).rejects.toThrow()
  })
})
