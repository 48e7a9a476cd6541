import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { createAddressRules } from '../../common/network/address-rules.ts'
import type { TorrentTrackers } from '../../torrent/engine/trackers/torrent-trackers.ts'
import { TrackerClient } from '../../torrent/engine/trackers/tracker-client.ts'
import { bencodedInteger } from '../support/bencode.ts'
import { payload } from '../support/swarm/payload.ts'
import { eventually, sleep } from '../support/wait.ts'
import { hasOpentracker, type Opentracker, startOpentracker } from './clients/opentracker.ts'

/** Our own client and a tracker that most of the public ones are. */
const [HTTP, UDP, UNKNOWN] = ['1', '2', '3'].map((digit) => digit.repeat(40)) as [
  string,
  string,
  string,
]
const isThere = hasOpentracker()

let tracker: Opentracker | undefined
let client: TrackerClient
beforeAll(async () => {
  if (isThere) tracker = await startOpentracker([HTTP, UDP])
  else process.stderr.write('opentracker is not there; nothing was tested\n')
  client = new TrackerClient({ rules: createAddressRules(['127.0.0.0/8']) })
})
afterAll(async () => {
  client.close()
  await tracker?.close()
})

const joined: TorrentTrackers[] = []
afterEach(async () => {
  for (const one of joined.splice(0)) await one.close()
})

/** A peer of the torrent that asks this tracker. */
function join(infoHash: string, url: string, port: number, left: number) {
  const found: string[] = []
  const totals = { uploaded: 0, downloaded: 1000, left }
  const trackers = client.join({
    ...{ infoHash, port, peerId: payload(`peer ${port}`, 20) },
    totals: () => totals,
    peersFound: (peers) => void found.push(...peers),
    seenAs: () => {},
  })
  joined.push(trackers)
  trackers.add([url])
  return { found, trackers, totals }
}

/** What the tracker counts (BEP 48). */
async function counted(infoHash: string) {
  const hash = infoHash.replaceAll(/../g, '%$&')
  const url = `${tracker?.http.replace('announce', 'scrape')}?info_hash=${hash}`
  const body = Buffer.from(await (await fetch(url)).arrayBuffer())
  return ['complete', 'incomplete'].map((name) => bencodedInteger(body, name) ?? 0)
}

describe.each([
  ['HTTP', HTTP, () => tracker?.http ?? ''],
  ['UDP', UDP, () => tracker?.udp ?? ''],
])('opentracker, over %s', (_how, infoHash, url) => {
  test('tells peers of each other, counts who has all, and forgets who stops', async () => {
    if (!isThere) return
    const first = join(infoHash, url(), 5001, 1000)
    await eventually('the first', async () => (await counted(infoHash)).join() === '0,1')
    const second = join(infoHash, url(), 5002, 0)
    await eventually('the first peer', () => second.found.includes('127.0.0.1:5001'))
    await eventually('both', async () => (await counted(infoHash)).join() === '1,1')
    first.totals.left = 0
    first.trackers.completed()
    await eventually('two seeds', async () => (await counted(infoHash)).join() === '2,0')
    await first.trackers.close()
    await eventually('one', async () => (await counted(infoHash)).join() === '1,0')
    const third = join(infoHash, url(), 5003, 1000)
    await eventually('the second peer', () => third.found.includes('127.0.0.1:5002'))
    expect(third.found).not.toContain('127.0.0.1:5001')
  })

  test('what it refuses is no answer', async () => {
    if (!isThere) return
    const peers = [join(UNKNOWN, url(), 5001, 0), join(UNKNOWN, url(), 5002, 0)]
    await sleep(500)
    expect(peers.flatMap(({ found }) => found)).toEqual([])
  })
})
