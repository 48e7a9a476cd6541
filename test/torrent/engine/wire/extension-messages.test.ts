import { describe, expect, test } from '@jest/globals'
import { asDict, asNumber, asText, decodeBencode } from '../../../../common/bittorrent/bencode.ts'
import * as extensions from '../../../../torrent/engine/wire/extension-messages.ts'
import { bencode } from '../../../support/bencode.ts'
import { payload } from '../../../support/swarm/payload.ts'

describe('the extended handshake (BEP 10)', () => {
  const said = (options: { metadataSize?: number; pex: boolean }) => {
    const { metadataSize, pex } = options
    const bytes = extensions.extendedHandshake({ metadataSize, port: 6881, reqq: 250, pex })
    return asDict(decodeBencode(bytes).value)
  }

  test('names our port, queue and program, and the size of the metadata when known', () => {
    const top = said({ metadataSize: 1234, pex: true })
    expect(['metadata_size', 'p', 'reqq'].map((key) => asNumber(top?.get(key)))).toEqual([
      1234, 6881, 250,
    ])
    expect(asText(top?.get('v'))).toBe('Playlink')
    expect([...(asDict(top?.get('m')) ?? [])]).toEqual([
      ['ut_metadata', 1],
      ['ut_pex', 2],
    ])
    expect(said({ pex: true })?.has('metadata_size')).toBe(false)
  })

  test('offers no peer exchange where it is switched off', () => {
    expect([...(asDict(said({ pex: false })?.get('m')) ?? [])]).toEqual([['ut_metadata', 1]])
  })

  test('of a peer: numbers that make no sense are left out', () => {
    const read = (value: object): unknown =>
      extensions.readExtendedHandshake(bencode(value as Parameters<typeof bencode>[0]))
    const all = { m: { ut_metadata: 3 }, metadata_size: 70, reqq: 500, v: 'µTorrent 1.8' }
    expect(read(all)).toEqual({
      utMetadata: 3,
      metadataSize: 70,
      reqq: 500,
      client: 'µTorrent 1.8',
    })
    expect(read({ v: 'x'.repeat(1000) })).toMatchObject({ client: 'x'.repeat(64) })
    expect(read({ m: { ut_metadata: -1 }, metadata_size: -1, reqq: 0 })).toStrictEqual({})
    expect(read({ m: { ut_metadata: 256 }, metadata_size: 2 ** 40, reqq: 2 ** 40 })).toStrictEqual(
      {},
    )
    expect(read({ m: 'ut_metadata', metadata_size: 'large' })).toStrictEqual({})
  })

  test.each(['\0', 'de', 'xyz'])('%j behind it does no harm', (behind) => {
    const body = Buffer.concat([bencode({ m: { ut_metadata: 3 } }), Buffer.from(behind)])
    expect(extensions.readExtendedHandshake(body)).toEqual({ utMetadata: 3 })
    expect(`${extensions.withoutUnread(body)}`).toBe('d1:md11:ut_metadatai3eee')
  })

  test.each([
    ['no bencoding', payload('garbage', 300)],
    ['a list', Buffer.from('le')],
    ['nothing', Buffer.alloc(0)],
    ['endless nesting', Buffer.from('d1:m'.repeat(5000))],
  ])('%s is none', (_what, bytes) => {
    expect(extensions.readExtendedHandshake(bytes)).toBe(undefined)
  })
})

describe('metadata messages (BEP 9)', () => {
  test('are parsed as they were written', () => {
    expect(extensions.readMetadataMessage(extensions.metadataRequest(7))).toEqual({
      kind: 'request',
      piece: 7,
    })
    expect(extensions.readMetadataMessage(extensions.metadataReject(7))).toEqual({
      kind: 'reject',
      piece: 7,
    })
    const data = Buffer.concat([extensions.metadataData(7, 99), Buffer.from('eeee')])
    expect(extensions.readMetadataMessage(data)).toEqual({
      kind: 'data',
      piece: 7,
      bytes: Buffer.from('eeee'),
      total: 99,
    })
  })

  test.each<[string, object]>([
    ['a key with the bytes that end a dictionary', { speeed: 1, total_size: 3 }],
    ['a text at its end', { v: 'Some Client 1.0' }],
    ['a list at its end', { z: ['ee', 1] }],
    ['much more', { a: 'a'.repeat(300), z: 'z'.repeat(300) }],
  ])('the dictionary may have %s', (_what, more) => {
    const head = bencode({ msg_type: 1, piece: 0, ...more })
    const read = extensions.readMetadataMessage(Buffer.concat([head, Buffer.from('eabc')]))
    expect(read).toMatchObject({ kind: 'data', piece: 0, bytes: Buffer.from('eabc') })
  })

  test.each([
    ['garbage', payload('garbage', 500)],
    ['no piece', bencode({ msg_type: 0 })],
    ['a negative piece', Buffer.from('d8:msg_typei0e5:piecei-1ee')],
    ['an unknown type', bencode({ msg_type: 9, piece: 0 })],
    ['nothing', Buffer.alloc(0)],
    ['only ends', Buffer.from('e'.repeat(400))],
  ])('%s is none', (_what, bytes) => {
    expect(extensions.readMetadataMessage(bytes)).toBe(undefined)
  })
})

describe('peer lists (BEP 11)', () => {
  const four = Buffer.from([1, 2, 3, 4, 0x1a, 0xe1])
  const six = Buffer.concat([
    Buffer.from('20010db8000000000000000000000001', 'hex'),
    four.subarray(4),
  ])

  test('IPv4 and IPv6', () => {
    const body = bencode({ added: Buffer.concat([four, four]), added6: six })
    expect(extensions.readPex(body)).toEqual([
      ...['1.2.3.4:6881', '1.2.3.4:6881', '[2001:db8:0:0:0:0:0:1]:6881'],
    ])
  })

  test('fifty at most of each family; half an address is none', () => {
    const many = Buffer.concat(Array.from({ length: 60 }, () => four))
    const read = extensions.readPex(bencode({ added: many, added6: six }))
    expect([read.length, read.at(-1)]).toEqual([51, '[2001:db8:0:0:0:0:0:1]:6881'])
    expect(extensions.readPex(bencode({ added: four.subarray(0, 5) }))).toEqual([])
    expect(extensions.readPex(bencode({ added: 7 }))).toEqual([])
    expect(extensions.readPex(payload('garbage', 100))).toEqual([])
  })
})
