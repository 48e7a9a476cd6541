import { createSocket } from 'node:dgram'
import type { LookupFunction } from 'node:net'
import { afterEach, describe, expect, test } from '@jest/globals'
import { createAddressRules } from '../../../../common/network/address-rules.ts'
import { dhtQuery, readDhtAnswer } from '../../../../torrent/engine/dht/dht-query.ts'
import { Ipv6Dht } from '../../../../torrent/engine/dht/ipv6-dht.ts'
import { bencode } from '../../../support/bencode.ts'
import { compact, compactIpv6 } from '../../../support/swarm/compact.ts'
import { payload } from '../../../support/swarm/payload.ts'
import { eventually } from '../../../support/wait.ts'
import { contacts, type Ipv6Node, startIpv6Node } from './ipv6-node.ts'

const infoHash = 'ab'.repeat(20)
/** So many of the first bits are those of the info hash. */
const near = (bytes: number, name: string): Buffer =>
  Buffer.concat([Buffer.alloc(bytes, 0xab), payload(name, 20)]).subarray(0, 20)
const noNames: LookupFunction = (_name, _options, callback) => callback(new Error('none'), '')

const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})
async function node(id: Buffer, answer: Parameters<typeof startIpv6Node>[1]): Promise<Ipv6Node> {
  const made = await startIpv6Node(id, answer)
  open.push(made)
  return made
}
function dhtAt(bootstrap: readonly string[], allow = ['::1'], lookup = noNames) {
  const rules = createAddressRules(allow)
  const dht = new Ipv6Dht({ id: payload('us', 20), bootstrap, rules, lookup })
  open.push(dht)
  const found: string[] = []
  const peersFound = (peers: readonly string[]): void => void found.push(...peers)
  return { dht, found, search: () => dht.search({ infoHash, port: 7001, peersFound }) }
}

describe('the DHT over IPv6', () => {
  test('looks once more when a node came while it waited for silent ones', async () => {
    const silent = await node(near(0, 'silent'), () => undefined)
    const told = await node(near(3, 'told'), (q) =>
      q === 'get_peers' ? { values: [compactIpv6('[2001:db8::5]:80')] } : {},
    )
    const { dht, found, search } = dhtAt([silent.address])
    const searching = search()
    await eventually('the silent one is asked', () => silent.queries.length > 0)
    expect(await dht.addNode(told.address)).toBe(true)
    await Promise.all([search(), search()])
    await searching
    expect(found).toEqual(['[2001:db8:0:0:0:0:0:5]:80'])
  })

  test('goes from node to nearer node, finds peers, and announces to those that let it', async () => {
    const last = await node(near(3, 'last'), (q) => ({
      ...(q === 'get_peers' && {
        token: 'secret',
        values: [compactIpv6('[2001:db8::5]:80'), compact('192.0.2.5:81'), 'odd'],
      }),
    }))
    const middle = await node(near(2, 'middle'), () => ({ token: 'm', nodes6: contacts(last) }))
    const first = await node(near(0, 'first'), () => ({ nodes6: contacts(middle) }))
    const { dht, found, search } = dhtAt([first.address])
    await search()
    expect(found).toEqual(['[2001:db8:0:0:0:0:0:5]:80', '192.0.2.5:81'])
    const said = ({ queries }: Ipv6Node) => queries.map(({ q }) => q)
    expect([first, middle, last].map(said)).toEqual([
      ['get_peers'],
      ['get_peers', 'announce_peer'],
      ['get_peers', 'announce_peer'],
    ])
    const { a, ro } = last.queries[1] ?? {}
    expect([a?.get('port'), Buffer.from(a?.get('token') as Uint8Array).toString(), ro]).toEqual([
      ...[7001, 'secret', 1],
    ])
    expect(new Set(dht.nodes)).toEqual(new Set([first, middle, last].map(({ address }) => address)))
    // The next search needs no bootstrap node.
    await search()
    expect(last.queries.map(({ q }) => q)).toEqual([
      'get_peers',
      'announce_peer',
      'get_peers',
      'announce_peer',
    ])
  })

  test('a bootstrap node that is a name is looked up', async () => {
    const here = await node(near(1, 'named'), () => ({}))
    const port = here.address.split(':').at(-1)
    const lookup: LookupFunction = (_name, _options, callback) =>
      callback(null, [
        { address: '127.0.0.1', family: 4 },
        { address: '::1', family: 6 },
      ])
    const { dht, search } = dhtAt([`dht.example:${port}`], ['::1'], lookup)
    await search()
    expect(dht.nodes).toEqual([here.address])
  })

  test('a node that somebody names is asked whether it is there', async () => {
    const here = await node(near(1, 'named'), () => ({}))
    const { dht } = dhtAt([])
    expect(await dht.addNode(here.address)).toBe(true)
    expect(await dht.addNode(here.address)).toBe(false)
    expect([here.queries.map(({ q }) => q), dht.nodes]).toEqual([['ping', 'ping'], [here.address]])
  })

  test('addresses that the rules refuse are not asked, whoever names them', async () => {
    const inside = await node(near(3, 'inside'), () => ({}))
    const { dht, search } = dhtAt([inside.address], ['2001:db8::/32'])
    await search()
    expect(await dht.addNode(inside.address)).toBe(false)
    expect(inside.queries).toEqual([])
  })

  test('who was not asked is not heard', async () => {
    const silent = await node(near(1, 'silent'), () => undefined)
    const { found, search } = dhtAt([silent.address])
    const stranger = createSocket('udp6')
    const searching = search()
    await eventually('the question', () => silent.queries.length > 0)
    const answer = bencode({
      t: 'aaaa',
      y: 'r',
      r: { id: near(1, 'x'), values: [compactIpv6('[2001:db8::1]:1')] },
    })
    stranger.send(answer, 7001, '::1', () => stranger.close())
    await searching
    expect(found).toEqual([])
  })
})

describe('readDhtAnswer', () => {
  const t = Buffer.from('abcd')
  const id = payload('id', 20)
  const answer = (r: object, more: object = {}) =>
    readDhtAnswer(bencode({ t, y: 'r', r: { id, ...r }, ...more }), t)

  test.each<[string, object, object]>([
    ['another transaction', {}, { t: 'abce' }],
    ['a query', {}, { y: 'q' }],
    ['an error', {}, { y: 'e', e: [201, 'no'] }],
    ['no id', { id: undefined }, {}],
    ['an id of 19 bytes', { id: id.subarray(1) }, {}],
  ])('%s is none', (_what, r, more) => {
    expect(answer(r, more)).toBeUndefined()
  })

  test('half a contact, a port of none and a token without end are left out', () => {
    const nodes6 = Buffer.concat([id, compactIpv6('[2001:db8::1]:0'), id, Buffer.alloc(17)])
    expect(answer({ nodes6, token: 'x'.repeat(65) })).toMatchObject({ nodes: [], token: undefined })
  })

  test('no more than 4096 bytes', () => {
    expect(answer({ x: 'x'.repeat(4096) })).toBeUndefined()
    expect(readDhtAnswer(dhtQuery({ q: 'ping' }, id, t), t)).toBeUndefined()
  })
})
