import { describe, expect, test } from '@jest/globals'
import { fileKey } from '../../../common/bittorrent/file-key.ts'
import { createRecentContents } from '../../../player/play/recent-contents.ts'

const content = fileKey('a'.repeat(40), 1)
const title = { type: 'movie', imdbId: 'tt1254207' } as const

describe('what a play came to a moment ago', () => {
  test('is believed for a second, for that number and key of that title only', () => {
    let now = 5
    const recent = createRecentContents({ wall: () => 0, steady: () => now })
    const play = { title, number: 0, key: undefined }
    expect(recent.of(play)).toBeUndefined()
    recent.note(play, content)
    expect(recent.of({ ...play })).toBe(content)
    expect(recent.of({ ...play, number: 1 })).toBeUndefined()
    expect(recent.of({ ...play, key: 'abcdefghij' })).toBeUndefined()
    expect(recent.of({ ...play, title: { ...title, imdbId: 'tt1254208' } })).toBeUndefined()
    now += 1000
    expect(recent.of(play)).toBeUndefined()
  })
})
