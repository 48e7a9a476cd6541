import type { IncomingMessage } from 'node:http'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { fileKey } from '../../../common/bittorrent/file-key.ts'
import type { BytesPlayable } from '../../../player/files/playable.ts'
import { bytesAnswer } from '../../../server/play/bytes-answer.ts'
import { createSendfile } from '../../../server/play/sendfile.ts'
import { fakeFile, patterned } from '../fakes.ts'

const storedKey = fileKey('ab'.repeat(20), 3)
const whole = { ...fakeFile(patterned(100)).playable, storedKey }
const isProxy = (address: string): boolean => address === '127.0.0.1'
const asked = { 'x-sendfile-type': 'X-Accel-Redirect' }

function answerTo(
  headers: Record<string, string>,
  playable: BytesPlayable = whole,
  remoteAddress = '127.0.0.1',
) {
  const sendfile = createSendfile({ end: new AbortController().signal, isProxy })
  return sendfile.headersFor(
    { headers, socket: { remoteAddress } } as unknown as IncomingMessage,
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
    expect(answerTo(asked, other)).toBeUndefined()
  })

  test('not: a file of this node, by a proxy that does not see its disk', () => {
    expect(answerTo({ 'x-sendfile-type': 'X-Accel-Node' })).toBeUndefined()
  })
})

describe('what another node has whole', () => {
  const place = { host: '10.0.0.4:7000', target: '/play/movie/tt1254207/0?s=abc', ticket: 't' }
  const { storedKey: _, ...bare } = whole
  const elsewhere: BytesPlayable = { ...bare, from: 'node', atNode: () => place }

  test.each(['X-Accel-Redirect', 'x-accel-node'])('is left to it by %s', (kind) => {
    expect(answerTo({ 'x-sendfile-type': kind, range: 'bytes=5-9' }, elsewhere)).toEqual({
      'Content-Length': 0,
      'X-Accel-Redirect': '/playlink-node/10.0.0.4:7000/play/movie/tt1254207/0?s=abc',
      'x-playlink-handed': 't',
      ETag: whole.etag,
    })
  })

  test('a stranger gets no ticket, whatever it says that it is', () => {
    expect(answerTo(asked, elsewhere, '192.0.2.7')).toBeUndefined()
    expect(answerTo(asked, elsewhere, '')).toBeUndefined()
  })
})

describe('the file stays held', () => {
  beforeEach(() => void jest.useFakeTimers())
  afterEach(() => void jest.useRealTimers())

  test('for some seconds after the answer, or until the server stops', () => {
    const end = new AbortController()
    const sendfile = createSendfile({ end: end.signal, isProxy })
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
