import { expect, test } from '@jest/globals'
import type { Request, Response } from 'express'
import { EVERYTHING, readPreferences, writePreferences } from '../../addon/preferences.ts'
import { parseMagnet } from '../../common/bittorrent/magnet.ts'
import { isForeignUrl, TRACKER } from '../../common/network/foreign-url.ts'
import { createAccessCheck } from '../../server/access/access-check.ts'
import { feedEntryShape, parseFeed } from '../../sources/providers/feeds/feed-format.ts'

/** Inputs that properties of this folder found, each with what it did. */

test('a provider whose name has a character beyond 16 bits stays hidden', () => {
  // Its two halves were escaped one by one, and read back as another name.
  const wanted = { ...EVERYTHING, without: ['𐀀'] }
  expect(writePreferences(wanted)).toBe('v1~p._f0_90_80_80')
  expect(readPreferences(writePreferences(wanted))).toEqual(wanted)
})

test('a feed with a title of 300 such characters is stored and read back', async () => {
  // One such entry made the whole stored feed unreadable after a restart.
  const link = '<link>http://a.example/1.torrent</link>'
  const feed = `<rss><item><title>${'💾'.repeat(400)}</title>${link}</item></rss>`
  const [entry] = await parseFeed(feed, 5)
  expect([...(entry?.title ?? '')]).toHaveLength(300)
  expect(feedEntryShape.safeParse(entry).success).toBe(true)
})

test('an open address with a play in its query is that address and nothing else', () => {
  const url = '/health?/t/abc/play/movie/tt1254207/0'
  const req = { url } as Request
  let passed = 0
  createAccessCheck({ find: () => undefined })(req, {} as Response, () => passed++)
  expect([passed, req.url]).toEqual([1, url])
})

test.each([
  'udp://\udc00tracker.example:80',
  'https://a.example/\ud800',
  'wss://a.example/?x=\udbff/',
])('an address with half a character is none: %j', (url) => {
  // A magnet kept it as a tracker, and who wrote that down again threw.
  expect(isForeignUrl(url, TRACKER)).toBe(false)
  const { trackers } = parseMagnet(`magnet:?xt=urn:btih:${'0'.repeat(40)}&tr=${url}`)
  expect(trackers).toEqual([])
})
