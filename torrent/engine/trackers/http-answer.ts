import {
  asBytes,
  asDict,
  asList,
  asNumber,
  asText,
  type Bencoded,
  type BencodedDict,
  decodeBencode,
} from '../../../common/bittorrent/bencode.ts'
import { cleanText } from '../../../common/clean-text.ts'
import { compactAddresses, IPV4_BYTES, IPV6_BYTES } from '../peers/compact-addresses.ts'
import { readPeerAddress } from '../wire/peer-address.ts'
import { MAX_PEERS, type TrackerAnswer, TrackerRefused } from './announcement.ts'

const MAX_REASON = 200
const MAX_TRACKER_ID_BYTES = 256
const SECONDS_PER_MINUTE = 60

/**
 * Reads the body of an HTTP tracker's answer: peers as dictionaries (BEP 3) or compact (BEP 23), IPv6
 * (BEP 7), our address (BEP 24), a failure and when to retry (BEP 31).
 * @throws TrackerRefused when it names a reason, ValidationError when it is no answer
 */
export function readHttpAnswer(body: Uint8Array): TrackerAnswer {
  const top = asDict(decodeBencode(body, 'ignored').value)
  if (!top) throw new TrackerRefused('its answer is no dictionary')
  if (top.has('failure reason')) throw refusal(top)
  const found = [
    ...peersOf(top.get('peers'), IPV4_BYTES),
    ...peersOf(top.get('peers6'), IPV6_BYTES),
  ]
  const trackerId = asBytes(top.get('tracker id'))
  return {
    peers: [...new Set(found)].slice(0, MAX_PEERS),
    interval: countOf(top.get('interval')),
    minInterval: countOf(top.get('min interval')),
    trackerId: trackerId && trackerId.length <= MAX_TRACKER_ID_BYTES ? trackerId : undefined,
    ownAddress: hostOf(asBytes(top.get('external ip'))),
  }
}

function refusal(top: BencodedDict): TrackerRefused {
  const reason = cleanText(asText(top.get('failure reason')) ?? '', MAX_REASON)
  const retry = top.get('retry in')
  const minutes = asNumber(retry)
  if (asText(retry) === 'never') return new TrackerRefused(reason, Number.POSITIVE_INFINITY)
  return new TrackerRefused(
    reason,
    minutes && minutes > 0 ? minutes * SECONDS_PER_MINUTE : undefined,
  )
}

/** Some trackers put IPv6 dictionaries into `peers`, so a list may hold either. */
function peersOf(value: Bencoded | undefined, size: number): string[] {
  const compact = asBytes(value)
  // Of another length it is no such list, and what stands in it no address.
  if (compact) return compact.length % size === 0 ? compactAddresses(compact, size, MAX_PEERS) : []
  return (asList(value) ?? []).slice(0, MAX_PEERS).flatMap((item) => {
    const peer = asDict(item)
    const [ip, port] = [asText(peer?.get('ip')), countOf(peer?.get('port'))]
    // A name is left out: what peers are called is never looked up.
    const isBare = ip?.includes(':') && !ip.startsWith('[')
    const address = readPeerAddress(isBare ? `[${ip}]:${port}` : `${ip}:${port}`)
    return address ? [address.text] : []
  })
}

/** Seconds, or a port: many trackers write numbers, some a text of digits. */
function countOf(value: Bencoded | undefined): number | undefined {
  const text = asText(value)
  const count = text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : asNumber(value)
  return count !== undefined && count > 0 ? count : undefined
}

/** 4 or 16 bytes. */
function hostOf(bytes: Uint8Array | undefined): string | undefined {
  if (bytes?.length !== 4 && bytes?.length !== 16) return undefined
  const withPort = Buffer.concat([bytes, Buffer.from([0, 1])])
  const [text = ''] = compactAddresses(withPort, withPort.length, 1)
  return readPeerAddress(text)?.host
}
