import { decoded } from '../../../common/network/content-coding.ts'
import type { OutboundStreams } from '../../../common/network/outbound.ts'
import { wholeBody } from '../../../common/network/whole-body.ts'
import { type Announcement, MAX_PEERS, type TrackerAnswer, TrackerRefused } from './announcement.ts'
import { readHttpAnswer } from './http-answer.ts'

/** Bytes of an answer, also after inflating; 200 peers in their longest form have 20 KB. */
const MAX_ANSWER_BYTES = 1 << 20
/** For the whole answer, the look-up of the host included. */
const ANSWER_MS = 15_000

/** What an HTTP tracker is asked with, beside the announcement. */
export interface HttpQuestion extends Announcement {
  /** As the tracker gave it last. */
  readonly trackerId: Uint8Array | undefined
}

/**
 * Announces to an HTTP tracker (BEP 3). Redirects are followed, each through the guard; a compressed
 * body is inflated, although none was asked for.
 * @throws TrackerRefused, or another Error that says why there is no answer
 */
export async function askHttpTracker(
  outbound: OutboundStreams,
  url: string,
  question: HttpQuestion,
  signal: AbortSignal,
): Promise<TrackerAnswer> {
  const ended = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)])
  const asked = { signal: ended, timeoutMs: ANSWER_MS }
  const { status, body } = await outbound.open(announceUrl(url, question), asked)
  const stop = (): void => void body.destroy(new Error('no answer in time'))
  ended.addEventListener('abort', stop)
  try {
    if (ended.aborted) stop()
    const answer = await wholeBody(arrived(body), MAX_ANSWER_BYTES, tooLong)
    // Some say why in a body that goes with another status.
    if (status !== 200 && answer[0] !== 0x64) throw new TrackerRefused(`status ${status}`)
    return readHttpAnswer(await inflated(answer))
  } finally {
    ended.removeEventListener('abort', stop)
    body.destroy()
  }
}

/** The announce URL with everything in its query, after what it had. Bytes are percent-encoded. */
export function announceUrl(url: string, question: HttpQuestion): string {
  const { infoHash, peerId, port, key, event, totals, trackerId } = question
  const [place = ''] = url.split('#', 1)
  const parts = [
    `info_hash=${percent(Buffer.from(infoHash, 'hex'))}`,
    `peer_id=${percent(peerId)}`,
    `port=${port}`,
    `uploaded=${totals.uploaded}`,
    `downloaded=${totals.downloaded}`,
    `left=${totals.left}`,
    'compact=1',
    `numwant=${event === 'stopped' ? 0 : MAX_PEERS}`,
    `key=${key.toString(16).padStart(8, '0')}`,
    ...(event ? [`event=${event}`] : []),
    ...(trackerId ? [`trackerid=${percent(trackerId)}`] : []),
  ]
  const joint = !place.includes('?') ? '?' : /[?&]$/.test(place) ? '' : '&'
  return place + joint + parts.join('&')
}

const percent = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')

const tooLong = (): Error => new TrackerRefused('its answer is too long')

/**
 * A body, however it ends. Some trackers name a length that they do not send, or close the connection without
 * the last chunk: whether all is there the answer tells itself.
 */
async function* arrived(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let hasSome = false
  try {
    for await (const chunk of body) {
      hasSome = true
      yield chunk
    }
  } catch (error) {
    if (!hasSome) throw error
  }
}

/** By its first bytes, for not all say it in a header: gzip (RFC 1952) or zlib (RFC 1950). */
function codingOf([first, second]: Buffer): string {
  if (first === 0x1f && second === 0x8b) return 'gzip'
  return first === 0x78 ? 'deflate' : 'identity'
}

async function inflated(body: Buffer): Promise<Buffer> {
  try {
    return await decoded(body, codingOf(body), MAX_ANSWER_BYTES)
  } catch (cause) {
    throw new Error('its answer cannot be inflated', { cause })
  }
}
