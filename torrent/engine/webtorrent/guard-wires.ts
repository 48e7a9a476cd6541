import Wire from 'bittorrent-protocol'
import { IDLE_COST, MessageBudget, messageCost } from '../wire/message-budget.ts'
import { MessageId } from '../wire/peer-messages.ts'
import { guardExtensions } from './guard-extensions.ts'
import type { WtWireInternals } from './webtorrent-types.ts'

/** As our own wires: a bitfield of 400,000 pieces has 50 KB, a metadata piece 16 KiB. */
const MAX_MESSAGE_BYTES = 128 * 1024
/** A peer that leaves so many bytes unread is disconnected. */
const MAX_UNREAD_BYTES = 4 << 20
/** Our own wires take only what they know already for one that says nothing; here each has a price (BEP 3). */
const HAVE_COST = 0.25
/** Pieces of the largest torrent that bittorrent-protocol keeps account of. */
const MAX_PIECES = 400_000

/** Parts that wait for the rest of a message, before they are joined all the same: each costs an object. */
const MAX_PARTS = 256

const budgets = new WeakMap<WtWireInternals, MessageBudget>()

/**
 * Anybody can connect to us, so what comes over webtorrent's connections is foreign. bittorrent-protocol
 * takes it as it comes: what it cannot read ended the process, a message of 2 GB was put together in
 * memory, and nothing limited how many there are or what piles up for a peer that does not read. Here
 * all of that ends the connection instead. It is for every wire of the process.
 */
export function guardWires(): void {
  const wires = Wire.prototype
  containErrors(wires)
  limitMessages(wires)
  guardExtensions(wires)
  shareKeys()
  const { _push } = wires
  wires._push = function (this: WtWireInternals, data) {
    if (this._readableState.buffered <= MAX_UNREAD_BYTES) return _push.call(this, data)
    end(this)
    return false
  }
}

/**
 * The two ways in: bytes of the socket, and what waited for the info hash of an encrypted handshake. What has
 * come of a message is joined when it is whole: a message that came byte by byte was copied anew for each.
 */
function containErrors(wires: WtWireInternals): void {
  const { _processBuffer, setInfoHash } = wires
  wires._write = function (this: WtWireInternals, data, done) {
    const bytes = this._encryptor?.decrypt(data) ?? data
    this._buffer.push(bytes)
    this._bufferSize += bytes.length
    this._processBuffer()
    done(null)
  }
  wires._processBuffer = function (this: WtWireInternals) {
    const isEnough = this._bufferSize >= this._parserSize || this._cryptoSyncPattern !== null
    if (!isEnough && this._buffer.length < MAX_PARTS) return
    if (this._buffer.length > 1) this._buffer = [Buffer.concat(this._buffer)]
    try {
      _processBuffer.call(this)
    } catch {
      end(this)
    }
  }
  wires.setInfoHash = function (this: WtWireInternals, infoHash) {
    try {
      setInfoHash.call(this, infoHash)
    } catch {
      end(this)
    }
  }
}

function limitMessages(wires: WtWireInternals): void {
  const { _onMessageLength, _onMessage, _onKeepAlive, _onHave } = wires
  wires._onMessageLength = function (this: WtWireInternals, bytes) {
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
    if (length > MAX_MESSAGE_BYTES) end(this)
    else _onMessageLength.call(this, bytes)
  }
  wires._onMessage = function (this: WtWireInternals, bytes) {
    const id = bytes[0] ?? 0
    const cost = id === MessageId.have ? HAVE_COST : messageCost(id, bytes.subarray(1))
    if (spend(this, cost)) _onMessage.call(this, bytes)
  }
  // webtorrent counts in an array: one of 2^31 pieces is not filled with zeros within hours.
  wires._onHave = function (this: WtWireInternals, piece) {
    if (piece >= 0 && piece < MAX_PIECES) _onHave.call(this, piece)
  }
  wires._onKeepAlive = function (this: WtWireInternals) {
    if (spend(this, IDLE_COST)) _onKeepAlive.call(this)
  }
}

/**
 * Making the keys of an encrypted handshake takes 20 ms, nearly all of it to prove that the same prime as
 * always is one: 50 connections a second of 96 bytes each kept the process busy. One pair is enough, for the
 * encryption hides the protocol, not what is said.
 */
function shareKeys(): void {
  const prototype = Object.getPrototypeOf(new Wire('tcpIncoming', 1)._encryptor) as object
  const { get } = Object.getOwnPropertyDescriptor(prototype, 'dh') ?? {}
  let keys: unknown
  Object.defineProperty(prototype, 'dh', {
    get() {
      keys ??= get?.call(this)
      return keys
    },
  })
}

function spend(wire: WtWireInternals, cost: number): boolean {
  const now = performance.now()
  const budget = budgets.get(wire) ?? new MessageBudget(now)
  budgets.set(wire, budget)
  if (budget.spend(cost, now)) return true
  end(wire)
  return false
}

/** destroy() alone would go on with what has come already. */
function end(wire: WtWireInternals): void {
  wire._parse(Number.MAX_VALUE, () => {})
  wire.destroy()
}
