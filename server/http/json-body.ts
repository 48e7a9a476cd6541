import type { IncomingMessage } from 'node:http'
import { Fault } from '../../common/errors.ts'

const JSON_TYPE = /^application\/json[ \t]*(?:;[ \t]*charset="?utf-8"?[ \t]*)?$/i

/** Collects at most `maxBytes`; what comes beyond is not kept, and the rest flows away unread. */
function collect(req: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const settle = (fault?: Fault): void => {
      req.off('data', take).off('end', settleWhole).off('error', settleBroken)
      req.off('close', settleBroken)
      // A stream without listeners would wait for ever; an error on it has no other listener.
      req.on('error', () => {}).resume()
      if (fault) reject(fault)
      else resolve(Buffer.concat(chunks))
    }
    const take = (chunk: Buffer): void => {
      size += chunk.length
      if (size > maxBytes) settle(new Fault('BODY_TOO_LARGE'))
      else chunks.push(chunk)
    }
    const settleWhole = (): void => settle()
    const settleBroken = (): void => settle(new Fault('BAD_REQUEST'))
    req.on('data', take).on('end', settleWhole).on('error', settleBroken).on('close', settleBroken)
  })
}

/**
 * The request's body as JSON, not yet checked for its shape.
 * @throws Fault UNSUPPORTED_MEDIA_TYPE, BODY_TOO_LARGE, BAD_BODY, BAD_REQUEST (cut off)
 */
export async function readJsonBody(req: IncomingMessage, maxBytes: number): Promise<unknown> {
  const { 'content-type': type, 'content-encoding': encoding } = req.headers
  if (!JSON_TYPE.test(type ?? '') || (encoding ?? 'identity') !== 'identity') {
    throw new Fault('UNSUPPORTED_MEDIA_TYPE')
  }
  if (Number(req.headers['content-length'] ?? 0) > maxBytes) throw new Fault('BODY_TOO_LARGE')
  const body = await collect(req, maxBytes)
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch (error) {
    throw new Fault('BAD_BODY', {}, { cause: error })
  }
}
