import Client from 'bittorrent-tracker/client'
import type { WtHttpTracker } from './webtorrent-types.ts'

/** 50 peers are usual (BEP 3 numwant), 200 are the most that we remember. */
const MAX_PEERS = 200
/** Bytes of an answer; 200 peers in their longest form have 20 KB. */
const MAX_ANSWER_BYTES = 1024 * 1024
/** A tracker that wants to be asked more often is asked as often as this, milliseconds. */
const MIN_INTERVAL_MS = 60_000
const MAX_INTERVAL_MS = 86_400_000
/** Bytes of an address and port (BEP 23, BEP 7). */
const [IPV4_BYTES, IPV6_BYTES] = [6, 18] as const

/**
 * Anybody can put a tracker into a magnet, so what it answers is foreign. bittorrent-tracker takes most
 * of it as it comes: what it cannot read ended the process, an interval that no timer can hold was asked
 * for every millisecond, and a body had no end. Called before webtorrent is loaded, which keeps `fetch`.
 */
export function guardTrackers(): void {
  globalThis.fetch = limitedFetch(globalThis.fetch)
  const http = prototypeOf('http://127.0.0.1/announce')
  guardRequests(http)
  // That of all kinds of trackers: UDP has an interval too.
  guardInterval(Object.getPrototypeOf(http) as WtHttpTracker)
}

/** The class itself is not exported. A client that was not started asks nobody. */
function prototypeOf(announce: string): WtHttpTracker {
  const hex = '00'.repeat(20)
  const client = new Client({ infoHash: hex, peerId: hex, port: 1, announce: [announce] })
  const [tracker] = client._trackers
  client.destroy()
  if (!tracker) throw new Error('bittorrent-tracker makes no tracker of an address')
  return Object.getPrototypeOf(tracker) as WtHttpTracker
}

function guardRequests(prototype: WtHttpTracker): void {
  const { _request, _onAnnounceResponse } = prototype
  prototype._request = async function (this: WtHttpTracker, ...args) {
    try {
      await _request.apply(this, args)
    } catch (error) {
      // What a tracker that cannot be reached comes to as well.
      this.client.emit('warning', error)
    }
  }
  prototype._onAnnounceResponse = function (this: WtHttpTracker, answer) {
    answer.peers = few(answer.peers, IPV4_BYTES)
    answer.peers6 = few(answer.peers6, IPV6_BYTES)
    _onAnnounceResponse.call(this, answer)
  }
}

function few(peers: unknown, size: number): unknown {
  if (peers instanceof Uint8Array) return peers.subarray(0, MAX_PEERS * size)
  return Array.isArray(peers) ? peers.slice(0, MAX_PEERS) : undefined
}

function guardInterval(prototype: WtHttpTracker): void {
  const { setInterval } = prototype
  prototype.setInterval = function (this: WtHttpTracker, ms) {
    // 0 ends the timer, and no number means the tracker's usual one.
    if (ms === undefined || ms === 0) return setInterval.call(this, ms)
    if (!Number.isFinite(ms)) return setInterval.call(this)
    return setInterval.call(this, Math.min(Math.max(ms, MIN_INTERVAL_MS), MAX_INTERVAL_MS))
  }
}

/** Only trackers are asked by `fetch` in this process. */
function limitedFetch(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (...args) => {
    const { body, status, headers } = await fetch(...args)
    let size = 0
    const limit = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        size += chunk.length
        if (size > MAX_ANSWER_BYTES) controller.error(new Error('the answer is too long'))
        else controller.enqueue(chunk)
      },
    })
    return new Response(body?.pipeThrough(limit) ?? null, { status, headers })
  }
}
