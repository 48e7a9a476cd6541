import { describe, expect, test } from '@jest/globals'
import { fileKey } from '../../../common/bittorrent/file-key.ts'
import { RecentPlays } from '../../../player/play/recent-plays.ts'

const content = fileKey('a'.repeat(40), 1)
const title = { type: 'movie', imdbId: 'tt1254207' } as const

describe('what a play came to a moment ago', () => {
  test('is believed for a second, for that number and key of that title only', () => {
    let now = 5
    const recent = new RecentPlays({ steady: () => now })
    const play = { title, number: 0, sourceKey: undefined }
    expect(recent.fileKeyOf(play)).toBeUndefined()
    recent.remember(play, content)
    expect(recent.fileKeyOf({ ...play })).toBe(content)
    expect(recent.fileKeyOf({ ...play, number: 1 })).toBeUndefined()
    expect(recent.fileKeyOf({ ...play, sourceKey: 'abcdefghij' })).toBeUndefined()
    expect(recent.fileKeyOf({ ...play, title: { ...title, imdbId: 'tt1254208' } })).toBeUndefined()
    now += 1000
    expect(recent.fileKeyOf(play)).toBeUndefined()
  })
})
