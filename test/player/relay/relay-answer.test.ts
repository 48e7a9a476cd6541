import { expect, test } from '@jest/globals'
import { mediaType } from '../../../common/media-types.ts'
import { readLinkAnswer } from '../../../player/relay/relay-answer.ts'

// What our own nodes send comes through here as well.
test.each(['a.mkv', 'a.mp4', 'a.ts', 'a.rm', 'a.rmvb', 'a.wmv', 'a.ogm', 'a.unknown'])(
  'the type that this server gives %s is one of a film',
  (name) => {
    const headers = { 'content-type': mediaType(name), 'content-range': 'bytes 0-9/10' }
    expect(readLinkAnswer({ status: 206, headers }, 0).size).toBe(10)
  },
)
