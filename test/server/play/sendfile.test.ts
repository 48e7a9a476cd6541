import type { IncomingMessage } from 'node:http'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { fileKey } from '../../../common/bittorrent/file-key.ts'
import { bytesAnswer } from '../../../server/play/bytes-answer.ts'
import { createSendfile } from '../../../server/play/sendfile.ts'
import { fakeFile, patterned } from '../fakes.ts'

const storedKey = fileKey('ab'.repeat(20), 3)
const whole = { ...fakeFile(patterned(100)).playable, storedKey }
const asked = { 'x-sendfile-type': 'X-Accel-Redirect' }

function answerTo(headers: Record<string, string>, playable = whole) {
  const { headersFor } = createSendfile(new AbortController().signal)
  return headersFor(
    { headers } as unknown as IncomingMessage,
    playable,
    bytesAnswer(headers, whole),
  )
}

describe('what is left to nginx', () => {
  test('a complete file, whole or in part, for who asks for it', () => {
    const place = `/playlink-cache/${storedKey}`
    const answer = answerTo(asked)
    expect(answer).toMatchObject({
      'X-Accel-Redirect': place,
      'Content-Length': 0,
      ETag: whole.etag,
    })
    expect(answer).not.toHaveProperty('Accept-Ranges')
    const part = answerTo({ ...asked, range: 'bytes=5-9' })
    expect(part).toMatchObject({ 'X-Accel-Redirect': place })
    expect(part).not.toHaveProperty('Content-Range')
  })

  test.each<[string, Record<string, string>]>([
    ['asked without nginx', {}],
    ['asked for another way', { 'x-sendfile-type': 'X-Sendfile' }],
    ['a Range nginx reads differently', { ...asked, range: 'bytes=9-1' }],
    ['other bytes to go on with', { ...asked, range: 'bytes=5-9', 'if-range': '"old"' }],
    ['not modified', { ...asked, 'if-none-match': whole.etag ?? '' }],
    ['outside the file', { ...asked, range: 'bytes=100-' }],
  ])('not: %s', (_, headers) => expect(answerTo(headers)).toBeUndefined())

  test('not: what is not in the cache whole', () => {
    const { storedKey: _, ...other } = whole
    expect(answerTo(asked, other as typeof whole)).toBeUndefined()
  })
})

describe('the file stays held', () => {
  beforeEach(() => void jest.useFakeTimers())
  afterEach(() => void jest.useRealTimers())

  test('for some seconds after the answer, or until the server stops', () => {
    const end = new AbortController()
    const sendfile = createSendfile(end.signal)
    const given = { first: 0, second: 0 }
    sendfile.releaseLater(() => void given.first++)
    jest.advanceTimersByTime(4900)
    sendfile.releaseLater(() => void given.second++)
    expect(given).toEqual({ first: 0, second: 0 })
    jest.advanceTimersByTime(200)
    expect(given).toEqual({ first: 1, second: 0 })
    end.abort()
    expect(given).toEqual({ first: 1, second: 1 })
    jest.advanceTimersByTime(10_000)
    expect(given).toEqual({ first: 1, second: 1 })
  })
})
