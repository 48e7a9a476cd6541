import { describe, expect, test } from '@jest/globals'
import { decodeBencode } from '../../../common/bittorrent/bencode.ts'
import {
  bencodeDhtNodes,
  readDhtNodes,
  splitDhtNode,
} from '../../../common/bittorrent/dht-nodes.ts'
import { parseMetainfo, rebuildMetainfo } from '../../../common/bittorrent/metainfo.ts'
import { type Bencodable, bencode } from '../../support/bencode.ts'
import { buildTorrent } from '../../support/swarm/torrent.ts'

const read = (nodes: Bencodable) => readDhtNodes(decodeBencode(bencode(nodes)).value)

describe('the nodes of a .torrent', () => {
  test('addresses and names with their ports, each once', () => {
    const nodes: Bencodable = [
      ['192.0.2.1', 6881],
      ['2001:DB8::1', 80],
      ['Router.example.org', 65_535],
      ['192.0.2.1', 6881],
    ]
    const found = ['192.0.2.1:6881', '[2001:db8::1]:80', 'router.example.org:65535']
    expect(read(nodes)).toEqual(found)
    expect(found.map((node) => splitDhtNode(node))).toEqual([
      { host: '192.0.2.1', port: 6881 },
      { host: '2001:db8::1', port: 80 },
      { host: 'router.example.org', port: 65_535 },
    ])
    expect(readDhtNodes(decodeBencode(Buffer.from(`l${bencodeDhtNodes(found)}e`)).value)).toEqual(
      found,
    )
  })

  test.each<[string, Bencodable]>([
    ['no list', 'router.example.org:6881'],
    ['texts', ['router.example.org:6881']],
    ['no port', [['192.0.2.1']]],
    ['port 0', [['192.0.2.1', 0]]],
    ['a port that is none', [['192.0.2.1', 65_536]]],
    ['a text as port', [['192.0.2.1', '6881']]],
    ['more than a pair', [['192.0.2.1', 6881, 1]]],
    ['a name with a path', [['example.org/x', 6881]]],
    ['a name with a zone', [['fe80::1%lo', 6881]]],
    ['a name that is too long', [[`${'a'.repeat(254)}`, 6881]]],
    ['an empty name', [['', 6881]]],
  ])('%s: none', (_what, nodes) => {
    expect(read(nodes)).toEqual([])
  })

  test('no more than twenty', () => {
    expect(read(Array.from({ length: 50 }, (_, n) => ['192.0.2.1', n + 1]))).toHaveLength(20)
  })

  test('are kept with the torrent, but for a private one', () => {
    const limits = { maxLength: 1e9 }
    const file = (isPrivate: boolean): Buffer => {
      const { info } = buildTorrent({ name: 'a.mkv', size: 1000, private: isPrivate })
      return Buffer.concat([
        Buffer.from('d4:info'),
        info,
        Buffer.from('5:nodesll9:192.0.2.1i6881eeee'),
      ])
    }
    const open = parseMetainfo(file(false), limits)
    expect(open.nodes).toEqual(['192.0.2.1:6881'])
    expect(parseMetainfo(rebuildMetainfo(open, [], []), limits)).toEqual(open)
    expect(parseMetainfo(file(true), limits).nodes).toEqual([])
  })
})
