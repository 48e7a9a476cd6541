import { randomBytes } from 'node:crypto'
import { cleanText } from '../../../common/clean-text.ts'
import { compactAddresses, IPV4_BYTES, IPV6_BYTES } from '../peers/compact-addresses.ts'
import { type Announcement, MAX_PEERS, type TrackerAnswer, TrackerRefused } from './announcement.ts'

/** The UDP tracker protocol (BEP 15), its IPv6 form, and the path of a tracker's URL (BEP 41). */

const Action = { connect: 0, announce: 1, error: 3 } as const
const PROTOCOL_ID = Buffer.from('0000041727101980', 'hex')
const EVENTS = { completed: 1, started: 2, stopped: 3 } as const
const ANNOUNCE_BYTES = 98
const URL_DATA = 2
const MAX_OPTION_BYTES = 255
const MAX_REASON = 200

export const newTransaction = (): number => randomBytes(4).readUInt32BE(0)

export function connectRequest(transaction: number): Buffer {
  const message = Buffer.alloc(16)
  PROTOCOL_ID.copy(message, 0)
  message.writeUInt32BE(Action.connect, 8)
  message.writeUInt32BE(transaction, 12)
  return message
}

/** @param path path and query of the tracker's URL @param connection 8 bytes */
export function announceRequest(
  transaction: number,
  connection: Uint8Array,
  announcement: Announcement,
  path: string,
): Buffer {
  const { infoHash, peerId, port, key, event, totals } = announcement
  const message = Buffer.alloc(ANNOUNCE_BYTES)
  message.set(connection, 0)
  message.writeUInt32BE(Action.announce, 8)
  message.writeUInt32BE(transaction, 12)
  message.set(Buffer.from(infoHash, 'hex'), 16)
  message.set(peerId, 36)
  message.writeBigUInt64BE(BigInt(totals.downloaded), 56)
  message.writeBigUInt64BE(BigInt(totals.left), 64)
  message.writeBigUInt64BE(BigInt(totals.uploaded), 72)
  message.writeUInt32BE(event ? EVENTS[event] : 0, 80)
  // 0: the tracker takes the address that it sees.
  message.writeUInt32BE(0, 84)
  message.writeUInt32BE(key, 88)
  message.writeInt32BE(event === 'stopped' ? 0 : MAX_PEERS, 92)
  message.writeUInt16BE(port, 96)
  return Buffer.concat([message, ...urlData(path)])
}

/** BEP 41: trackers that serve several paths on one port learn from it which one is meant. */
function urlData(path: string): Buffer[] {
  if (path === '' || path === '/') return []
  const bytes = Buffer.from(path)
  const options: Buffer[] = []
  for (let at = 0; at < bytes.length; at += MAX_OPTION_BYTES) {
    const part = bytes.subarray(at, at + MAX_OPTION_BYTES)
    options.push(Buffer.from([URL_DATA, part.length]), part)
  }
  return options
}

/** The transaction that a message answers; undefined for what is no answer. */
export const transactionOf = (message: Buffer): number | undefined =>
  message.length >= 8 ? message.readUInt32BE(4) : undefined

/** The connection id: 8 bytes. @throws TrackerRefused */
export function readConnect(message: Buffer): Buffer {
  refuseOthers(message, Action.connect, 16)
  return Buffer.from(message.subarray(8, 16))
}

/** @param family of the socket: it decides how long the addresses are. @throws TrackerRefused */
export function readAnnounce(message: Buffer, family: 4 | 6): TrackerAnswer {
  refuseOthers(message, Action.announce, 20)
  const size = family === 6 ? IPV6_BYTES : IPV4_BYTES
  const seconds = message.readUInt32BE(8)
  return {
    peers: compactAddresses(message.subarray(20), size, MAX_PEERS),
    interval: seconds > 0 ? seconds : undefined,
    minInterval: undefined,
  }
}

function refuseOthers(message: Buffer, action: number, length: number): void {
  const said = message.length >= 8 ? message.readUInt32BE(0) : undefined
  if (said === Action.error) {
    throw new TrackerRefused(cleanText(message.subarray(8).toString('utf8'), MAX_REASON))
  }
  if (said !== action || message.length < length) {
    throw new TrackerRefused('it answers something else')
  }
}
