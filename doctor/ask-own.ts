import http from 'node:http'
import https from 'node:https'
import { wholeBody } from '../common/network/whole-body.ts'

/** An answer of a server of the operator's own. */
export interface OwnAnswer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  /** Undefined: no JSON. */
  readonly json: unknown
}

const MOST_BYTES = 256 * 1024

/**
 * Asks a server of the operator's own, wherever it is, so the guard of outbound requests is not needed. Redirects are
 * not followed. @throws the system's error, or one that says what was wrong
 */
export async function askOwn(
  url: string,
  signal: AbortSignal,
  more: Pick<http.RequestOptions, 'method' | 'headers'> = {},
): Promise<OwnAnswer> {
  const { request } = url.startsWith('https:') ? https : http
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>()
  const asked = request(url, { ...more, agent: false, signal })
  asked.on('response', resolve).on('error', reject)
  asked.on('close', () => reject(new Error('closed without an answer')))
  asked.end()
  const message = await promise
  try {
    const tooLong = () => new Error(`a body of more than ${MOST_BYTES} bytes`)
    const body = await wholeBody(message, MOST_BYTES, tooLong)
    return { status: message.statusCode ?? 0, headers: message.headers, json: jsonIn(body) }
  } finally {
    message.destroy()
  }
}

function jsonIn(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined
  }
}
