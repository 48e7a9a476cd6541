import { describe, expect, test } from '@jest/globals'
import { Signatures } from '../../cluster/signature.ts'
import { Fault } from '../../common/errors.ts'

const SECRET = 's'.repeat(32)
let now = 1_000_000
const clock = { wall: () => now, steady: () => now }
const asking = new Signatures({ secret: SECRET, node: 'a', clock })
const asked = () => new Signatures({ secret: SECRET, node: 'b', clock })
const request = { method: 'GET', target: '/play/movie/tt1254207/0?s=abcdefghij', range: 'bytes=5-' }
const KEY = `${'0'.repeat(40)}/3` as const

const codeOf = (work: () => unknown): string | undefined => {
  try {
    work()
    return undefined
  } catch (error) {
    return error instanceof Fault ? error.code : `${error}`
  }
}

describe('a play that is handed over', () => {
  test('says who hands it over, for whom and which file', () => {
    const header = asking.sign(request, 'b', { viewer: '192.0.2.7', key: KEY })
    expect(asked().verify(header, request)).toEqual({ node: 'a', viewer: '192.0.2.7', key: KEY })
    const bare = asking.sign(request, 'b', { viewer: '' })
    expect(asked().verify(bare, request)).toEqual({ node: 'a', viewer: '', key: undefined })
  })

  test('is believed once, by the node that it was sent to', () => {
    const header = asking.sign(request, 'b', { viewer: 'v' })
    const receiver = asked()
    receiver.verify(header, request)
    expect(codeOf(() => receiver.verify(header, request))).toBe('NODE_SIGNATURE')
    const other = new Signatures({ secret: SECRET, node: 'c', clock })
    expect(codeOf(() => other.verify(header, request))).toBe('NODE_SIGNATURE')
  })

  test.each([
    { ...request, method: 'HEAD' },
    { ...request, target: '/play/movie/tt1254207/1?s=abcdefghij' },
    { ...request, range: 'bytes=6-' },
    { ...request, range: '' },
  ])('is that very request: not %j', (other) => {
    const header = asking.sign(request, 'b', { viewer: 'v' })
    expect(codeOf(() => asked().verify(header, other))).toBe('NODE_SIGNATURE')
  })

  test('with another secret, or a changed text, is refused', () => {
    const stranger = new Signatures({ secret: 't'.repeat(32), node: 'a', clock })
    const forged = stranger.sign(request, 'b', { viewer: 'v' })
    expect(codeOf(() => asked().verify(forged, request))).toBe('NODE_SIGNATURE')
    const header = asking.sign(request, 'b', { viewer: 'v' })
    for (let at = 0; at < header.length; at += 7) {
      const other = header[at] === 'A' ? 'B' : 'A'
      const changed = header.slice(0, at) + other + header.slice(at + 1)
      expect(codeOf(() => asked().verify(changed, request))).toBe('NODE_SIGNATURE')
    }
  })

  test.each(['', '.', 'x', 'e30.', `${'a'.repeat(5000)}.b`, 'a.b.c', '\u0000.\u0000'])(
    'nothing like one: %j',
    (header) => {
      expect(codeOf(() => asked().verify(header, request))).toBe('NODE_SIGNATURE')
    },
  )

  test('of a clock that goes wrong says so, and by how much', () => {
    const header = asking.sign(request, 'b', { viewer: 'v' })
    now += 29_000
    expect(codeOf(() => asked().verify(header, request))).toBeUndefined()
    now += 2_000
    expect(() => asked().verify(header, request)).toThrow('31 seconds apart')
    now -= 62_000
    expect(codeOf(() => asked().verify(header, request))).toBe('NODE_CLOCK')
  })
})

describe('a ticket for an nginx', () => {
  const { target } = request
  const about = { target, key: KEY, viewer: '192.0.2.7' }
  const ticket = (): string => asking.ticket(about, 'b')
  const HOUR = 3_600_000

  test('is good for that path, any Range, again and again, for hours', () => {
    const header = ticket()
    const receiver = asked()
    for (const method of ['GET', 'GET', 'HEAD']) {
      for (const range of ['', 'bytes=0-1048575', 'bytes=7-']) {
        const handed = receiver.verify(header, { method, target, range })
        expect(handed).toEqual({ node: 'a', viewer: '192.0.2.7', key: KEY })
      }
    }
    now += 11 * HOUR
    expect(codeOf(() => receiver.verify(header, request))).toBeUndefined()
    now += 2 * HOUR
    expect(codeOf(() => receiver.verify(header, request))).toBe('NODE_SIGNATURE')
  })

  test.each([
    { ...request, target: '/play/movie/tt1254207/1?s=abcdefghij' },
    { ...request, target: '/api/cache-config' },
    { ...request, method: 'POST' },
    { ...request, method: 'ticket' },
  ])('is for nothing else: %j', (other) => {
    expect(codeOf(() => asked().verify(ticket(), other))).toBe('NODE_SIGNATURE')
  })

  test('is of that node, and neither a signature nor the other way round', () => {
    const other = new Signatures({ secret: SECRET, node: 'c', clock })
    expect(codeOf(() => other.verify(ticket(), request))).toBe('NODE_SIGNATURE')
    const bare = ticket().slice('ticket.'.length)
    expect(codeOf(() => asked().verify(bare, request))).toBe('NODE_SIGNATURE')
    const asTicket = { method: 'ticket', target, range: '' }
    expect(codeOf(() => asked().verify(bare, asTicket))).toBe('NODE_SIGNATURE')
    const signed = asking.sign(asTicket, 'b', { viewer: 'v', key: KEY })
    expect(codeOf(() => asked().verify(`ticket.${signed}`, request))).toBe('NODE_SIGNATURE')
  })

  test('changed anywhere is refused', () => {
    const header = ticket()
    for (let at = 0; at < header.length; at += 5) {
      const other = header[at] === 'A' ? 'B' : 'A'
      const changed = header.slice(0, at) + other + header.slice(at + 1)
      expect(codeOf(() => asked().verify(changed, request))).toBe('NODE_SIGNATURE')
    }
  })
})

describe('what is asked of whichever node gets it', () => {
  const target = '/node/ahead/ends/movie/tt1254207/0?s=abcdefghij'
  const header = (): string => asking.signToAnybody(target)
  const codeAt = (receiver: Signatures, text: string, at = target) =>
    codeOf(() => receiver.verifyToAnybody(text, at))

  test('is believed by any node with the secret, once by each, and names who asks and a nonce', () => {
    const text = header()
    const receiver = asked()
    const { node, nonce } = receiver.verifyToAnybody(text, target)
    expect([node, nonce.length]).toEqual(['a', 22])
    expect(codeAt(receiver, text)).toBe('NODE_SIGNATURE')
    const other = new Signatures({ secret: SECRET, node: 'c', clock })
    // That it was taken elsewhere the index has to tell.
    expect(other.verifyToAnybody(text, target).nonce).toBe(nonce)
  })

  test('is of that address, that secret and the last seconds', () => {
    expect(codeAt(asked(), header(), target.replace('ends', 'metadata'))).toBe('NODE_SIGNATURE')
    expect(codeAt(asked(), header(), target.replace('s=a', 's=b'))).toBe('NODE_SIGNATURE')
    const stranger = new Signatures({ secret: 't'.repeat(32), node: 'a', clock })
    expect(codeAt(asked(), stranger.signToAnybody(target))).toBe('NODE_SIGNATURE')
    const old = header()
    now += 31_000
    expect(codeAt(asked(), old)).toBe('NODE_CLOCK')
    for (const text of ['', 'e30.', 'a.b.c', `${'a'.repeat(5000)}.b`]) {
      expect(codeAt(asked(), text)).toBe('NODE_SIGNATURE')
    }
  })

  test('is no play that is handed over, and that is none of these', () => {
    for (const method of ['GET', 'anybody']) {
      const signed = { method, target, range: '' }
      expect(codeOf(() => asked().verify(header(), signed))).toBe('NODE_SIGNATURE')
    }
    const handed = asking.sign({ method: 'GET', target, range: '' }, 'b', { viewer: 'v' })
    expect(codeAt(asked(), handed)).toBe('NODE_SIGNATURE')
  })
})
