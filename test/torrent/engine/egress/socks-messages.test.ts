import { describe, expect, test } from '@jest/globals'
import * as socks from '../../../../torrent/engine/egress/socks-messages.ts'

const proxy = { host: 'proxy', port: 1080 }
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')

describe('SOCKS5 messages', () => {
  test('greetings offer a password only where there is one (RFC 1928 3)', () => {
    expect(socks.greeting(proxy)).toEqual(hex('05 01 00'))
    expect(socks.greeting({ ...proxy, user: 'me', password: 'x' })).toEqual(hex('05 02 00 02'))
  })

  test.each([
    ['05 00', { ...proxy, user: 'me' }, false],
    ['05 02', { ...proxy, user: 'me' }, true],
  ])('%s: a password is wanted or not', (answer, of, wanted) => {
    expect(socks.wantsPassword(hex(answer), of)).toBe(wanted)
  })

  test.each(['05 02', '05 ff', '05 01', '04 00', '48 54'])('%s: no way to sign in', (answer) => {
    expect(() => socks.wantsPassword(hex(answer), proxy)).toThrow(/^it /)
  })

  test('credentials have their lengths in bytes (RFC 1929 2)', () => {
    const bytes = socks.credentials({ ...proxy, user: 'mé', password: 's' })
    expect(bytes).toEqual(hex('01 03 6d c3a9 01 73'))
  })

  test.each([
    ['127.0.0.1', 80, '05 01 00 01 7f000001 0050'],
    ['2001:db8::1', 6881, '05 01 00 04 20010db8000000000000000000000001 1ae1'],
    ['a.example', 443, '05 01 00 03 09 612e6578616d706c65 01bb'],
  ])('a request to %s', (host, port, bytes) => {
    expect(socks.request(socks.Command.connect, { host, port })).toEqual(hex(bytes))
  })

  test('a name longer than its length byte can say is refused', () => {
    const target = { host: `${'a'.repeat(256)}`, port: 1 }
    expect(() => socks.request(socks.Command.connect, target)).toThrow('too long')
  })

  test.each([
    ['05 00 00 01 7f000001 0050', { host: '127.0.0.1', port: 80 }],
    ['05 00 00 04 20010db8000000000000000000000001 0050', { host: '2001:db8::1', port: 80 }],
    ['05 00 00 03 02 6162 0050', { host: 'ab', port: 80 }],
    ['05 00 00 03 00 0000', { host: '', port: 0 }],
  ])('a reply %s', (text, bound) => {
    const bytes = hex(text)
    expect(socks.replyLength(bytes.subarray(0, 5))).toBe(bytes.length)
    expect(socks.readReply(bytes)).toEqual({ status: 0, bound })
  })

  test.each(['04 00 00 01 7f', '05 00 00 02 7f', '05 00 00 09 7f'])('%s is no reply', (head) => {
    expect(() => socks.replyLength(hex(head))).toThrow('makes no sense')
  })

  test('a datagram is read as it is written', () => {
    for (const host of ['10.1.2.3', '2001:db8::7']) {
      const head = socks.datagramHeader({ host, port: 6881 })
      const bytes = Buffer.concat([head, Buffer.from('payload')])
      expect(socks.readDatagram(bytes)).toEqual({
        from: { host, port: 6881 },
        payload: Buffer.from('payload'),
      })
    }
  })

  test.each([
    ['a fragment', '00 00 01 01 7f000001 0050 00'],
    ['of a name', '00 00 00 03 01 61 0050 00000000'],
    ['of port 0', '00 00 00 01 7f000001 0000 00'],
    ['of no kind', '00 00 00 05 7f000001 0050 00'],
    ['too short', '00 00 00 01 7f000001 00'],
    ['too short for IPv6', '00 00 00 04 7f000001 0050 00'],
    ['with reserved bytes', '00 01 00 01 7f000001 0050 00'],
    ['empty', ''],
  ])('a datagram that is %s is dropped', (_what, text) => {
    expect(socks.readDatagram(hex(text))).toBeUndefined()
  })
})
