import { setImmediate as nextTick } from 'node:timers/promises'
import { markOfUtf16 } from '../../../common/clean-text.ts'
import { Fault } from '../../../common/errors.ts'
import type { Outbound, OutboundAnswer } from '../../../common/network/outbound.ts'
import { readablePart } from './foreign-json.ts'

/** The largest body of an answer, bytes. */
export const MAX_ANSWER_BYTES = 5 * 1024 * 1024
/** Timeout of one request; a provider has eight seconds for all its requests. */
export const REQUEST_MS = 7000
const MAX_RETRY_SECONDS = 86_400

/**
 * Any status but 200 is a failure; 403, 429 and 503 may say for how long.
 * @throws Fault OUTBOUND_REFUSED, UPSTREAM_FAILED (`retryAfterSeconds` where it was told)
 */
export async function askForeign(
  outbound: Outbound,
  url: string,
  signal: AbortSignal,
  headers: Readonly<Record<string, string>> = {},
): Promise<OutboundAnswer> {
  const limits = { signal, timeoutMs: REQUEST_MS, maxBytes: MAX_ANSWER_BYTES, headers }
  const answer = await outbound.get(url, limits)
  if (answer.status !== 200) throw refusal(answer)
  return answer
}

const ABSENT = /^status (?:404|410)$/

/** What is not there is no failure: unknown titles are 404 or 410 to some servers, and `{}` to others. */
export function absentIs404(error: unknown): undefined {
  const cause = error instanceof Error ? error.cause : undefined
  if (cause instanceof Error && ABSENT.test(cause.message)) return undefined
  throw error
}

/** Why something failed, for the log: the message of the cause, if there is one. */
export const reasonOf = (error: unknown): string => {
  const cause = error instanceof Error ? (error.cause ?? error) : error
  return cause instanceof Error ? cause.message : String(cause)
}

/** The failure that a status stands for. */
export function refusal({ status, headers }: OutboundAnswer): Fault {
  const cause = new Error(`status ${status}`)
  const seconds = retryAfter(headers['retry-after'])
  const rests = [403, 429, 503].includes(status) && seconds !== undefined
  return new Fault('UPSTREAM_FAILED', rests ? { retryAfterSeconds: seconds } : {}, { cause })
}

/**
 * The value of an answer in JSON, its lists without what no reader takes (`mostElements`). Building it has a turn of
 * the loop for itself.
 * @throws Fault UPSTREAM_FAILED when the body is no JSON, or has too many levels, names or values
 */
export async function jsonOf(
  { body }: Pick<OutboundAnswer, 'body'>,
  mostElements?: number,
): Promise<unknown> {
  const part = await readablePart(inUtf8(body), mostElements)
  if (!part) throw new Fault('UPSTREAM_FAILED', {}, { cause: new Error('too many values') })
  await nextTick()
  try {
    return JSON.parse(part.toString('utf8').replace(/^\ufeff/, ''))
  } catch {
    // Not the parser's message: it quotes the text, and servers quote requests with their keys.
    throw new Fault('UPSTREAM_FAILED', {}, { cause: new Error('no JSON') })
  }
}

/** JSON has no other charset (RFC 8259 8.1); what says by its mark that it is in UTF-16 is read all the same. */
function inUtf8(body: Buffer): Buffer {
  const wide = markOfUtf16(body)
  return wide ? Buffer.from(new TextDecoder(wide).decode(body)) : body
}

/** RFC 9110 10.2.3: seconds, or a date. */
function retryAfter(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const seconds = /^\d{1,15}$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000
  return seconds > 0 ? Math.min(Math.ceil(seconds), MAX_RETRY_SECONDS) : undefined
}

/** Milliseconds an answer may be used again (RFC 9111 5.2.2); undefined when it does not say. */
export function freshnessOf({ headers }: Pick<OutboundAnswer, 'headers'>): number | undefined {
  const said = headers['cache-control']?.toLowerCase() ?? ''
  if (/(?:^|[\s,])no-(?:store|cache)(?:[\s,=]|$)/.test(said)) return 0
  const age = /(?:^|[\s,])max-age\s*=\s*"?(\d{1,9})/.exec(said)?.[1]
  return age === undefined ? undefined : Number(age) * 1000
}
