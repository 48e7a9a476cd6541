import { expect, test } from '@jest/globals'
import { EVERYTHING, readPreferences, writePreferences } from '../../addon/preferences.ts'
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
